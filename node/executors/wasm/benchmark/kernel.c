// A unit whose answer is known: how much of it a core computes in a second is what a node offers.
// A third of its time goes to each of what science does: integers, floating point, and memory.
//
//   kernel ROUNDS     prints 16 digits that depend on every round; 0 computes nothing
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODIES 64
#define WORDS (1u << 16)

static uint64_t mixed(uint64_t x) {
  x ^= x >> 30;
  x *= 0xbf58476d1ce4e5b9ull;
  x ^= x >> 27;
  x *= 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/** Integers: a generator that depends on all of what it gave before. */
static uint64_t integers(uint64_t x) {
  for (int i = 0; i < 6000; i++) x = mixed(x + 0x9e3779b97f4a7c15ull);
  return x;
}

/** Floating point: the forces between bodies, as they are in a gas. */
static double forces(double (*at)[3]) {
  double energy = 0;
  for (int i = 0; i < BODIES; i++) {
    for (int j = i + 1; j < BODIES; j++) {
      double x = at[i][0] - at[j][0], y = at[i][1] - at[j][1], z = at[i][2] - at[j][2];
      double near = 1 / (x * x + y * y + z * z + 0.01);
      double sixth = near * near * near;
      double force = sixth * (sixth - 1) * 1e-9;
      energy += sixth * (sixth - 1);
      at[i][0] += force * x;
      at[j][0] -= force * x;
    }
  }
  return energy;
}

/** Memory: a walk through a table that no cache foresees. */
static uint64_t walk(uint32_t *table, uint64_t x) {
  for (int i = 0; i < 4000; i++) {
    uint32_t place = (uint32_t)(x >> 40) % WORDS;
    x = x * 6364136223846793005ull + table[place];
    table[place] = (uint32_t)x;
  }
  return x;
}

int main(int argc, char **argv) {
  static double at[BODIES][3];
  static uint32_t table[WORDS];
  long rounds = argc > 1 ? atol(argv[1]) : 1;
  uint64_t x = 1;
  for (int i = 0; i < BODIES * 3; i++) at[i / 3][i % 3] = (double)(mixed(i) >> 11) / 9007199254740992.0 * 4;
  for (uint32_t i = 0; i < WORDS && rounds > 0; i++) table[i] = (uint32_t)mixed(i + 1000);
  for (long round = 0; round < rounds; round++) {
    x = integers(x);
    double energy = forces(at);
    uint64_t bits;
    memcpy(&bits, &energy, sizeof bits);
    x = walk(table, x ^ bits);
  }
  char text[17];
  for (int i = 0; i < 16; i++) text[i] = "0123456789abcdef"[(x >> (60 - 4 * i)) & 15];
  text[16] = '\n';
  return write(1, text, sizeof text) == sizeof text ? 0 : 1;
}
