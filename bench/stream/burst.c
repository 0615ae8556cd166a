// burst BYTES: writes that many bytes of numbered lines as fast as it can, and is gone.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  size_t size = strtoul(argv[1], NULL, 10), at = 0;
  char *bytes = malloc(size + 32);
  for (long line = 0; at < size; line++) at += sprintf(bytes + at, "%ld and more\n", line);
  for (size_t done = 0; done < size;) {
    ssize_t wrote = write(STDOUT_FILENO, bytes + done, size - done);
    if (wrote <= 0) return 1;
    done += wrote;
  }
  return 0;
}
