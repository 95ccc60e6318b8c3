// The time of day of a process that has this library in LD_PRELOAD: it is ahead by as many seconds as the file says, an
// int64, that CLOCK_FILE names. The file may change at any time; clocks that measure time are left alone.
#include <cstdint>
#include <cstdlib>
#include <ctime>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

namespace {

const volatile int64_t* seconds_ahead = nullptr;

__attribute__((constructor)) void map_file() {
  const char* name = std::getenv("CLOCK_FILE");
  const int file = name == nullptr ? -1 : open(name, O_RDONLY);
  if (file < 0) {
    return;
  }
  void* content = mmap(nullptr, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (content != MAP_FAILED) {
    seconds_ahead = static_cast<const volatile int64_t*>(content);
  }
  close(file);
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const long result = syscall(SYS_clock_gettime, clock, time);
  if (result == 0 && clock == CLOCK_REALTIME && seconds_ahead != nullptr) {
    time->tv_sec += *seconds_ahead;
  }
  return static_cast<int>(result);
}

extern "C" int gettimeofday(timeval* time, void*) noexcept {
  timespec now;
  const int result = clock_gettime(CLOCK_REALTIME, &now);
  time->tv_sec = now.tv_sec;
  time->tv_usec = now.tv_nsec / 1000;
  return result;
}
