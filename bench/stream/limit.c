// limit PROGRAM ARGUMENT...: runs a program on a terminal and reads what it writes, and nothing else: nobody who reads
// a terminal can be faster. Prints one line of JSON: when the first line said that it began and when the last byte was
// read (nanoseconds of CLOCK_MONOTONIC), the bytes, and the CPU time that the reading took.
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static double seconds(struct timeval time) { return time.tv_sec + time.tv_usec / 1e6; }

int main(int argc, char **argv) {
  if (argc < 2) return 2;
  struct winsize size = { .ws_row = 30, .ws_col = 120 };
  int terminal;
  pid_t child = forkpty(&terminal, NULL, NULL, &size);
  if (child < 0) return 1;
  if (child == 0) {
    execv(argv[1], argv + 1);
    _exit(127);
  }
  static char bytes[65536];
  long long start = 0, last = 0, total = 0;
  for (ssize_t got; (got = read(terminal, bytes, sizeof bytes)) > 0;) {
    last = nanoseconds();
    if (start == 0) sscanf(bytes, "start %lld", &start);
    total += got;
  }
  waitpid(child, NULL, 0);
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  printf("{\"start\":%lld,\"last\":%lld,\"bytes\":%lld,\"cpu\":%.6f}\n", start, last, total,
         seconds(used.ru_utime) + seconds(used.ru_stime));
  return 0;
}
