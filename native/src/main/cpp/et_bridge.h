/*
 * The one door between Java and the ExecuTorch runtime: C functions over opaque handles.
 *
 * Status: 0 is success, anything else is the runtime's own error code; et_error() then tells what the runtime logged
 * on this thread. No C++ exception leaves a function. "out" arrays are filled on success only. Addresses are passed as
 * 64-bit integers; Java looks at them through et_view(). All strings are UTF-8 but paths, which are in the file
 * system's own encoding.
 *
 * Threads: a program may be used by many threads, a method, a trace and pages by one at a time.
 *
 * The runtime aborts the process (ET_CHECK) on the conditions below. Whoever calls must exclude them; ours are
 * excluded in the place named behind each.
 *   - second copy of a kernel library in the process            Java: NativeLibrary, before loading
 *   - tensor of negative size, or more than 2^63 elements       Java: Tensor, InputCheck
 *   - tensor of unknown element type or rank above 16           Java: ScalarType, InputCheck
 *   - value read as another kind than it is                     here: every read is behind its tag
 *   - input or output index out of range                        here: loops run over the method's own counts
 *   - execution with an output that has no memory               here: unplanned outputs get memory when loading
 *   - element type of a program's tensor that nobody knows      Java: ProgramTables
 *   - argument of another kind than the operator reads          Java: ProgramTables, with operators.tsv
 * Wrong numbers of operators, names that are left out and tables of a data file that lead nowhere make the runtime read
 * memory that is not its own: ProgramTables and DataTables exclude those too.
 *
 * Known limit: a call that names another delegate of its method, whose graph has more inputs and outputs than the call
 * has arguments, is found by nobody. Exporters do not write such programs, but one changed bit can. Check a file's
 * digest where it may have been damaged.
 */
#pragma once

#include <stdint.h>

#if defined(__GNUC__)
#define ET_BRIDGE_API __attribute__((visibility("default")))
#else
#define ET_BRIDGE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct EtProgram EtProgram;
typedef struct EtMethod EtMethod;
typedef struct EtTrace EtTrace;
typedef struct EtPages EtPages;

/* Kinds of values, as in EValue.Kind. */
enum EtKind {
  ET_KIND_NONE = 0,
  ET_KIND_TENSOR = 1,
  ET_KIND_LONG = 2,
  ET_KIND_DOUBLE = 3,
  ET_KIND_BOOL = 4,
  ET_KIND_STRING = 5,
  ET_KIND_LONG_LIST = 6,
  ET_KIND_DOUBLE_LIST = 7,
  ET_KIND_BOOL_LIST = 8,
  ET_KIND_TENSOR_LIST = 9
};

/* One input or output; 20 words, so that Java can address the fields as 64-bit integers. */
typedef struct EtValue {
  int64_t kind;
  int64_t type;      /* of a tensor: the runtime's ScalarType */
  int64_t count;     /* rank of a tensor, length of a string or list */
  int64_t word;      /* address of the elements (of EtValues for a tensor list), or the bits of a scalar */
  int64_t sizes[16]; /* of a tensor */
} EtValue;

/* Takes over the runtime's log and starts the runtime; safe to repeat. processors: how many this process may use. */
ET_BRIDGE_API int et_initialize(int processors);

/* out: address and size of what the last failed call of this thread said; valid until the next call of this thread. */
ET_BRIDGE_API void et_error(int64_t* out);

/* Number of log records that nobody took yet. */
ET_BRIDGE_API int64_t et_log_pending(void);

/* Takes all records. out: address and size, valid until the next take of this thread. One record is a level letter,
   the text with line breaks replaced, a line break. */
ET_BRIDGE_API void et_log_take(int64_t* out);

/* Sets the size of the process-wide pool: once, before the first method that uses the pool. */
ET_BRIDGE_API int et_set_pool_threads(int threads);

/* Size of the process-wide pool: unless set, as many threads as the machine has fast cores and the process has processors. */
ET_BRIDGE_API int et_pool_threads(void);

/* Whether some kernel of this process implements an operator, named as "namespace::name.overload". */
ET_BRIDGE_API int et_has_kernel(const char* name);

/* Whether this process has the backend and can use it. */
ET_BRIDGE_API int et_has_backend(const char* name);

/* Opens a program. data_paths: n_data paths, each with a terminating 0. load_mode: 0 file, 1 mmap, 2 mmap and mlock, 3 the same without errors.
   out: program, address and size of the description of its methods (see program.cpp), valid while it is open. */
ET_BRIDGE_API int et_program_open(
    const char* path, const char* data_paths, int n_data, int load_mode, int64_t* out);

/* Gives the handle back; memory is freed when the last method of the program is closed too. */
ET_BRIDGE_API void et_program_close(EtProgram* program);

/* Loads a method. inline_threads: 1 computes on the calling thread only, 0 on the process-wide pool.
   workspace_sharing, weight_cache, packed_cache: options of XNNPACK; 0 none, 1 per model, 2 global; 0 or 1; the file
   of packed weights, or "". trace may be null. sharing: a method of the same program and module whose mutable state
   this one shares, or null. out: method, address of its input values, address of its output values. */
ET_BRIDGE_API int et_method_load(
    EtProgram* program,
    const char* name,
    int inline_threads,
    int workspace_sharing,
    int weight_cache,
    const char* packed_cache,
    EtTrace* trace,
    const EtMethod* sharing,
    int64_t* out);

/* Runs the method on its input values and describes the results in its output values. Memory that inputs point to must
   stay until the next execution; memory that outputs point to is valid until then. */
ET_BRIDGE_API int et_method_execute(EtMethod* method);

/* Memory for the keys and values of many sequences, all zeros. type: 0 float, 1 bfloat16, 2 int8 with a scale for every
   key and value. page_tokens is a multiple of 16. out: pages, their bytes. */
ET_BRIDGE_API int et_pages_allocate(
    int layers, int kv_heads, int head_size, int page_tokens, int type, int pages, int64_t* out);

ET_BRIDGE_API void et_pages_free(EtPages* pages);

/* As et_method_execute, with the page tables of a step in force. step: `words` words, as kernels/step.h says. */
ET_BRIDGE_API int et_method_execute_paged(EtMethod* method, EtPages* pages, const int32_t* step, int64_t words);

/* Gives the method the mutable state that it had when it was loaded. */
ET_BRIDGE_API void et_method_restore(EtMethod* method);

ET_BRIDGE_API void et_method_close(EtMethod* method);

/* out: a recorder of execution events in ETDump form, to load methods with. */
ET_BRIDGE_API int et_trace_open(int64_t* out);

/* out: address and size of the ETDump, valid until the trace is closed. Ends the recording. */
ET_BRIDGE_API int et_trace_finish(EtTrace* trace, int64_t* out);

ET_BRIDGE_API void et_trace_close(EtTrace* trace);

/* The address that a direct buffer starts at. */
static inline int64_t et_address(const void* buffer) {
  return (int64_t)(uintptr_t)buffer;
}

#ifdef __cplusplus
}
#endif

#ifdef _JAVASOFT_JNI_H_
/* A direct buffer over native memory. */
static inline jobject et_view(JNIEnv* env, jclass, jlong address, jlong size) {
  return env->NewDirectByteBuffer(reinterpret_cast<void*>(address), size);
}
#endif
