// Philox4x32-10: four words for each number of a counter, by ten rounds of multiplication under a
// key. J. Salmon, M. Moraes, R. Dror, D. Shaw: Parallel random numbers: as easy as 1, 2, 3. SC11.
//
// A stream is named by its seed, and any place in it is reached at once: units with different seeds
// have streams of their own, and nothing has to be handed from one to the next.
#ifndef PHILOX_H
#define PHILOX_H

#include <math.h>
#include <stdint.h>

static inline void philox(uint32_t out[4], uint64_t counter, uint64_t seed) {
  uint32_t a = (uint32_t)counter, b = (uint32_t)(counter >> 32), c = 0, d = 0;
  uint32_t key0 = (uint32_t)seed, key1 = (uint32_t)(seed >> 32);
  for (int round = 0; round < 10; round++) {
    uint64_t first = (uint64_t)a * 0xD2511F53u, second = (uint64_t)c * 0xCD9E8D57u;
    a = (uint32_t)(second >> 32) ^ b ^ key0;
    c = (uint32_t)(first >> 32) ^ d ^ key1;
    b = (uint32_t)second;
    d = (uint32_t)first;
    key0 += 0x9E3779B9u;
    key1 += 0xBB67AE85u;
  }
  out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

// A number drawn from the normal distribution, by Box and Muller.
static inline double normal(uint64_t counter, uint64_t seed) {
  uint32_t word[4];
  philox(word, counter, seed);
  double radius = sqrt(-2 * log((word[0] + 0.5) / 4294967296.0));
  return radius * cos(2 * 3.14159265358979323846 * (word[1] + 0.5) / 4294967296.0);
}

#endif
