#include "value.h"

#include <cstring>

namespace bridge {
namespace {

using executorch::aten::Tensor;
using executorch::aten::TensorImpl;
using executorch::runtime::Error;
using executorch::runtime::EValue;
using executorch::runtime::Tag;

Error describe_tensor(const Tensor& from, EtValue& out) {
  const auto dim_order = from.dim_order();
  for (size_t i = 0; i < dim_order.size(); i++) {
    if (dim_order[i] != i) {
      ET_LOG(Error, "Output tensor is not in row-major order: export the program with contiguous outputs");
      return Error::NotSupported;
    }
  }
  if (from.const_data_ptr() == nullptr && from.numel() > 0) {
    ET_LOG(Error, "Output tensor has no memory");
    return Error::InvalidState;
  }
  out.kind = ET_KIND_TENSOR;
  out.type = static_cast<int64_t>(from.scalar_type());
  out.count = from.dim();
  out.word = et_address(from.const_data_ptr());
  for (ssize_t i = 0; i < from.dim(); i++) {
    out.sizes[i] = from.size(i);
  }
  return Error::Ok;
}

template <typename List>
Error describe_list(EtKind kind, executorch::runtime::Result<List> list, EtValue& out) {
  if (!list.ok()) {
    return list.error();
  }
  out.kind = kind;
  out.count = static_cast<int64_t>(list->size());
  out.word = et_address(list->data());
  return Error::Ok;
}

} // namespace

int64_t kind_of(Tag tag) {
  switch (tag) {
    case Tag::None:
      return ET_KIND_NONE;
    case Tag::Tensor:
      return ET_KIND_TENSOR;
    case Tag::Int:
      return ET_KIND_LONG;
    case Tag::Double:
      return ET_KIND_DOUBLE;
    case Tag::Bool:
      return ET_KIND_BOOL;
    case Tag::String:
      return ET_KIND_STRING;
    case Tag::ListInt:
      return ET_KIND_LONG_LIST;
    case Tag::ListDouble:
      return ET_KIND_DOUBLE_LIST;
    case Tag::ListBool:
      return ET_KIND_BOOL_LIST;
    case Tag::ListTensor:
      return ET_KIND_TENSOR_LIST;
    default:
      return -1;
  }
}

Error InputValue::set(const EtValue& from, EValue& out) {
  switch (from.kind) {
    case ET_KIND_NONE:
      out = EValue();
      return Error::Ok;
    case ET_KIND_LONG:
      out = EValue(from.word);
      return Error::Ok;
    case ET_KIND_BOOL:
      out = EValue(from.word != 0);
      return Error::Ok;
    case ET_KIND_DOUBLE: {
      double value;
      std::memcpy(&value, &from.word, sizeof value);
      out = EValue(value);
      return Error::Ok;
    }
    case ET_KIND_TENSOR:
      break;
    default:
      return Error::NotSupported;
  }
  if (from.count < 0 || from.count > 16) {
    return Error::InvalidArgument;
  }
  int64_t stride = 1;
  for (int64_t i = from.count - 1; i >= 0; i--) {
    if (from.sizes[i] < 0 || from.sizes[i] > INT32_MAX || stride > INT32_MAX) {
      return Error::InvalidArgument;
    }
    sizes_[i] = static_cast<executorch::aten::SizesType>(from.sizes[i]);
    dim_order_[i] = static_cast<executorch::aten::DimOrderType>(i);
    strides_[i] = static_cast<executorch::aten::StridesType>(stride);
    stride *= from.sizes[i] > 0 ? from.sizes[i] : 1;
  }
  tensor_.emplace(
      static_cast<executorch::aten::ScalarType>(from.type),
      from.count,
      sizes_.data(),
      reinterpret_cast<void*>(from.word),
      dim_order_.data(),
      strides_.data());
  out = EValue(Tensor(&*tensor_));
  return Error::Ok;
}

Error describe(const EValue& from, EtValue& out, std::vector<EtValue>& list) {
  switch (from.tag) {
    case Tag::None:
      out.kind = ET_KIND_NONE;
      return Error::Ok;
    case Tag::Tensor:
      return describe_tensor(from.toTensor(), out);
    case Tag::Int:
      out.kind = ET_KIND_LONG;
      out.word = from.toInt();
      return Error::Ok;
    case Tag::Bool:
      out.kind = ET_KIND_BOOL;
      out.word = from.toBool();
      return Error::Ok;
    case Tag::Double: {
      const double value = from.toDouble();
      out.kind = ET_KIND_DOUBLE;
      std::memcpy(&out.word, &value, sizeof value);
      return Error::Ok;
    }
    case Tag::String:
      return describe_list(ET_KIND_STRING, from.tryToString(), out);
    case Tag::ListInt:
      return describe_list(ET_KIND_LONG_LIST, from.tryToIntList(), out);
    case Tag::ListDouble:
      return describe_list(ET_KIND_DOUBLE_LIST, from.tryToDoubleList(), out);
    case Tag::ListBool:
      return describe_list(ET_KIND_BOOL_LIST, from.tryToBoolList(), out);
    case Tag::ListTensor: {
      auto tensors = from.tryToTensorList();
      if (!tensors.ok()) {
        return tensors.error();
      }
      list.assign(tensors->size(), EtValue{});
      for (size_t i = 0; i < list.size(); i++) {
        if (Error error = describe_tensor((*tensors)[i], list[i]); error != Error::Ok) {
          return error;
        }
      }
      out.kind = ET_KIND_TENSOR_LIST;
      out.count = static_cast<int64_t>(list.size());
      out.word = et_address(list.data());
      return Error::Ok;
    }
    default:
      ET_LOG(Error, "Output is of kind %u, which has no counterpart in Java", static_cast<unsigned>(from.tag));
      return Error::NotSupported;
  }
}

} // namespace bridge
