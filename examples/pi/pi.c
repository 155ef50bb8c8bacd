// Monte-Carlo pi: points drawn in a square, counted in the circle within.
#include "options.h"
#include "philox.h"

// Centres of 2^30 cells on each side, so that the grid does not lean to one side; all in integers.
static int within(uint32_t x, uint32_t y) {
  uint64_t u = 2 * (uint64_t)(x >> 2) + 1, v = 2 * (uint64_t)(y >> 2) + 1;
  return u * u + v * v < (uint64_t)1 << 62;
}

int main(int argc, char **argv) {
  struct option options[] = {{"--seed", 1}, {"--points", 1e7}};
  read_options(argc, argv, options, 2);
  need(options[0].value >= 0 && options[1].value >= 2, "a seed from 0, points from 2");
  uint64_t seed = (uint64_t)options[0].value, pairs = (uint64_t)options[1].value / 2, inside = 0;
  for (uint64_t i = 0; i < pairs; i++) {
    uint32_t word[4];
    philox(word, i, seed);
    inside += within(word[0], word[1]) + within(word[2], word[3]);
  }
  double points = 2 * (double)pairs, found = (double)inside;
  printf("seed,points,inside,estimate\n%.0f,%.0f,%.0f,%.9f\n", options[0].value, points, found,
         4 * found / points);
  return 0;
}
