// flood KIND AMOUNT GO: waits until the file GO is there, then writes to its standard output, and in the end renames GO
// to GO.end. KIND lines: AMOUNT bytes,
// a line of 80 a write; blocks: AMOUNT bytes, 4 KiB a write; ticks: AMOUNT lines that say when they were written, 5 to
// 15 ms apart; steady: AMOUNT lines, 5 ms apart. Its first and its last line say when that began and when it was over,
// in nanoseconds of CLOCK_MONOTONIC, which all processes share.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LINE = 80, BLOCK = 4096, TEXT_LINES = 4096, GIVE_UP_MS = 60000 };

static void sleep_us(long us) {
  struct timespec pause = { us / 1000000, us % 1000000 * 1000 };
  nanosleep(&pause, NULL);
}

static void put(const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t wrote = write(STDOUT_FILENO, bytes, size);
    if (wrote <= 0) exit(1);
    bytes += wrote;
    size -= wrote;
  }
}

static void stamp(const char *name) {
  struct timespec now;
  char line[64];
  clock_gettime(CLOCK_MONOTONIC, &now);
  long long ns = now.tv_sec * 1000000000LL + now.tv_nsec;
  put(line, snprintf(line, sizeof line, "%s %lld\n", name, ns));
}

/* Words that commands say, in an order that hardly repeats: what is packed on its way shrinks as real output does. */
static const char *const WORDS[] = {
  "accept", "drop", "tcp", "dport", "saddr", "counter", "packets", "bytes", "installing", "updating", "verifying",
  "package", "done", "restart", "service", "ftp", "chain", "policy", "input", "forward", "new", "established",
  "related", "ok", "warning", "error", "/etc", "/usr/sbin", "/var/log", "rule", "set", "element",
};
static char text[TEXT_LINES][LINE];

static uint32_t next(uint32_t *chance) {
  *chance = *chance * 1664525 + 1013904223;
  return *chance >> 16;
}

static void write_text(void) {
  uint32_t chance = 1;
  for (int line = 0; line < TEXT_LINES; line++) {
    char words[2 * LINE];
    for (int at = 0; at < LINE;) {
      const char *word = WORDS[next(&chance) % (sizeof WORDS / sizeof *WORDS)];
      at += next(&chance) % 16 == 0 ? sprintf(words + at, "%u ", next(&chance)) : sprintf(words + at, "%s ", word);
    }
    memcpy(text[line], words, LINE);
    text[line][LINE - 1] = '\n';
  }
}

static void put_line(long number) {
  char line[LINE + 1];
  int head = snprintf(line, sizeof line, "line %09ld ", number);
  memcpy(line + head, text[number % TEXT_LINES] + head, LINE - head);
  put(line, LINE);
}

static void put_block(long number) {
  char block[BLOCK];
  long line = number * (BLOCK / LINE + 1);
  for (int at = 0; at < BLOCK; at += LINE) {
    int rest = BLOCK - at < LINE ? BLOCK - at : LINE;
    memcpy(block + at, text[line++ % TEXT_LINES] + LINE - rest, rest);
  }
  put(block, BLOCK);
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  const char *kind = argv[1];
  long amount = atol(argv[2]);
  for (int waited = 0; access(argv[3], F_OK) != 0; waited++) {
    if (waited > GIVE_UP_MS) return 1;
    sleep_us(1000);
  }
  write_text();
  stamp("start");
  uint32_t chance = 1;
  if (strcmp(kind, "lines") == 0)
    for (long number = 0; number * LINE < amount; number++) put_line(number);
  else if (strcmp(kind, "blocks") == 0)
    for (long number = 0; number * BLOCK < amount; number++) put_block(number);
  else
    for (long number = 0; number < amount; number++) {
      if (strcmp(kind, "ticks") == 0) {
        sleep_us(5000 + next(&chance) % 10000);
        stamp("at");
      } else {
        sleep_us(5000);
        put_line(number);
      }
    }
  stamp("end");
  char over[4096];
  snprintf(over, sizeof over, "%s.end", argv[3]);
  rename(argv[3], over);
  // Whoever loses the end of what a fast command says is measured elsewhere.
  sleep_us(300000);
  return 0;
}
