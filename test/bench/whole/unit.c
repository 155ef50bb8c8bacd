// A unit of the benchmark of the whole. Its payload is sixteen times the SHA-256, in hexadecimal, of
// "payload:" and its number; what it gives is the SHA-256 of that, in hexadecimal, without a line
// end. With rounds, that is hashed again so many times first: computing, and nothing else.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t constant[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t turned(uint32_t x, int by) { return x >> by | x << (32 - by); }

static void compress(uint32_t state[8], const uint8_t *block) {
  uint32_t w[64], v[8];
  for (int i = 0; i < 16; i++)
    w[i] = (uint32_t)block[4 * i] << 24 | block[4 * i + 1] << 16 | block[4 * i + 2] << 8 |
           block[4 * i + 3];
  for (int i = 16; i < 64; i++) {
    uint32_t a = turned(w[i - 15], 7) ^ turned(w[i - 15], 18) ^ w[i - 15] >> 3;
    uint32_t b = turned(w[i - 2], 17) ^ turned(w[i - 2], 19) ^ w[i - 2] >> 10;
    w[i] = w[i - 16] + a + w[i - 7] + b;
  }
  memcpy(v, state, sizeof v);
  for (int i = 0; i < 64; i++) {
    uint32_t e = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25);
    uint32_t a = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22);
    uint32_t one = v[7] + e + ((v[4] & v[5]) ^ (~v[4] & v[6])) + constant[i] + w[i];
    uint32_t two = a + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
    memmove(v + 1, v, 7 * sizeof *v);
    v[4] += one;
    v[0] = one + two;
  }
  for (int i = 0; i < 8; i++) state[i] += v[i];
}

static void sha256(uint8_t out[32], const uint8_t *bytes, uint32_t length) {
  uint32_t state[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                       0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint32_t at = 0, left;
  for (; length - at >= 64; at += 64) compress(state, bytes + at);
  uint8_t last[128] = {0};
  left = length - at;
  memcpy(last, bytes + at, left);
  last[left] = 0x80;
  uint32_t end = left < 56 ? 64 : 128;
  for (int i = 0; i < 4; i++) last[end - 1 - i] = (uint8_t)(length << 3 >> 8 * i);
  for (uint32_t i = 0; i < end; i += 64) compress(state, last + i);
  for (int i = 0; i < 32; i++) out[i] = (uint8_t)(state[i / 4] >> (24 - 8 * (i % 4)));
}

static void in_hex(char *out, const uint8_t digest[32]) {
  for (int i = 0; i < 32; i++) {
    out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
    out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  char named[32] = "payload:", payload[1024], given[64];
  uint8_t digest[32];
  strncat(named, argv[1], 20);
  sha256(digest, (uint8_t *)named, (uint32_t)strlen(named));
  for (int i = 0; i < 16; i++) in_hex(payload + 64 * i, digest);
  sha256(digest, (uint8_t *)payload, sizeof payload);
  for (long rounds = atol(argv[2]); rounds > 0; rounds--) sha256(digest, digest, sizeof digest);
  in_hex(given, digest);
  return fwrite(given, sizeof given, 1, stdout) == 1 ? 0 : 1;
}
