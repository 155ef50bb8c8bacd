// Monte-Carlo pi: integer arithmetic of a generator, conversions, one comparison.
// SCALE makes it shorter: a benchmark wants 16, a test 1.
#include <stdint.h>
#include <stdio.h>

static uint64_t state = 88172645463325252u;

static uint64_t draw(void) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

int main(void) {
  const long points = 7500000L * SCALE;
  long inside = 0;
  for (long i = 0; i < points; i++) {
    double x = (double)(draw() >> 11) / 9007199254740992.0;
    double y = (double)(draw() >> 11) / 9007199254740992.0;
    if (x * x + y * y < 1.0) inside++;
  }
  printf("%ld %.12f\n", inside, 4.0 * (double)inside / (double)points);
  return 0;
}
