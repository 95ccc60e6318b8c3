#include "trace.h"

#include "et_bridge.h"
#include "log.h"

#include <cstdlib>

using executorch::runtime::Error;

EtTrace::~EtTrace() {
  std::free(dump);
}

int et_trace_open(int64_t* out) {
  return bridge::guarded([&] {
    out[0] = et_address(new EtTrace());
    return Error::Ok;
  });
}

int et_trace_finish(EtTrace* trace, int64_t* out) {
  return bridge::guarded([&] {
    out[0] = 0;
    out[1] = 0;
    if (trace->generator.get_num_blocks() == 0) {
      return Error::Ok; // nothing ran: there is no dump to build
    }
    const auto result = trace->generator.get_etdump_data();
    if (result.buf == nullptr) {
      return Error::Internal;
    }
    std::free(trace->dump);
    trace->dump = result.buf;
    out[0] = et_address(result.buf);
    out[1] = static_cast<int64_t>(result.size);
    return Error::Ok;
  });
}

void et_trace_close(EtTrace* trace) {
  bridge::guarded([&] {
    delete trace;
    return Error::Ok;
  });
}
