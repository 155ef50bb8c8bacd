// FFT: radix two in place, forth and back; strided loads and stores of doubles.
// SCALE makes it shorter: a benchmark wants 16, a test 1.
#include <math.h>
#include <stdio.h>

enum { bits = 16, size = 1 << bits, rounds = 15 * SCALE };

static double re[size], im[size], cosine[size / 2], sine[size / 2];

static void transform(int back) {
  for (int i = 1, j = 0; i < size; i++) {
    int bit = size >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i >= j) continue;
    double r = re[i], m = im[i];
    re[i] = re[j], im[i] = im[j];
    re[j] = r, im[j] = m;
  }
  for (int span = 1; span < size; span <<= 1) {
    int stride = size / (2 * span);
    for (int start = 0; start < size; start += 2 * span)
      for (int k = 0; k < span; k++) {
        double c = cosine[k * stride], s = back ? sine[k * stride] : -sine[k * stride];
        int a = start + k, b = a + span;
        double r = re[b] * c - im[b] * s, m = re[b] * s + im[b] * c;
        re[b] = re[a] - r, im[b] = im[a] - m;
        re[a] += r, im[a] += m;
      }
  }
  if (back)
    for (int i = 0; i < size; i++) re[i] /= size, im[i] /= size;
}

int main(void) {
  // Each by doubling angles from one, so that no library's sine is compared.
  const double turn = 3.14159265358979323846 * 2 / size;
  double c = 1, s = 0, c1 = 1 - turn * turn / 2 + turn * turn * turn * turn / 24;
  double s1 = turn - turn * turn * turn / 6;
  for (int i = 0; i < size / 2; i++) {
    cosine[i] = c, sine[i] = s;
    double next = c * c1 - s * s1;
    s = c * s1 + s * c1, c = next;
  }
  unsigned seed = 3;
  for (int i = 0; i < size; i++) {
    seed = seed * 1664525u + 1013904223u;
    re[i] = (double)(seed >> 8) / 16777216.0, im[i] = 0;
  }
  for (int n = 0; n < rounds; n++) transform(n & 1);
  double sum = 0;
  for (int i = 0; i < size; i++) sum += re[i] * (i % 7) - im[i];
  printf("%.9f\n", sum);
  return 0;
}
