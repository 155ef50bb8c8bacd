// Smith-Waterman: the best local alignment of two sequences; branches, maxima, loads and stores.
// SCALE makes it shorter: a benchmark wants 16, a test 1.
#include <stdint.h>
#include <stdio.h>

enum { length = 4096, match = 5, mismatch = -3, open = -8, extend = -2, rounds = SCALE };

static uint8_t one[length], two[length];
static int score[length + 1], gap[length + 1];

static int align(void) {
  int best = 0;
  for (int j = 0; j <= length; j++) {
    score[j] = 0;
    gap[j] = open;
  }
  for (int i = 1; i <= length; i++) {
    int diagonal = 0, left = 0, run = open;
    for (int j = 1; j <= length; j++) {
      int here = diagonal + (one[i - 1] == two[j - 1] ? match : mismatch);
      int up = gap[j] + extend > score[j] + open ? gap[j] + extend : score[j] + open;
      run = run + extend > left + open ? run + extend : left + open;
      if (here < up) here = up;
      if (here < run) here = run;
      if (here < 0) here = 0;
      diagonal = score[j];
      gap[j] = up;
      score[j] = left = here;
      if (here > best) best = here;
    }
  }
  return best;
}

int main(void) {
  uint32_t seed = 1;
  int sum = 0;
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < length; i++) {
      seed = seed * 1664525u + 1013904223u;
      one[i] = "ACGT"[seed >> 30];
      seed = seed * 1664525u + 1013904223u;
      two[i] = (seed >> 28) < 11 ? one[i] : (uint8_t) "ACGT"[seed >> 28 & 3];
    }
    sum = sum * 31 + align();
  }
  printf("%d\n", sum);
  return 0;
}
