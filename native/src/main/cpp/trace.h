// A recorder of execution events.
#pragma once

#include <executorch/devtools/etdump/etdump_flatcc.h>

struct EtTrace {
  executorch::etdump::ETDumpGen generator;
  void* dump = nullptr; // owned; made by et_trace_finish
  ~EtTrace();
};
