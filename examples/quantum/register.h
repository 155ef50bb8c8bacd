// A register of qubits: the amplitude of each of its 2^n values, and gates that change them.
#ifndef REGISTER_H
#define REGISTER_H

#include <math.h>

enum { qubits_most = 20 };

static int qubits;
static long size;
static double re[1 << qubits_most], im[1 << qubits_most];

// The gate of Hadamard, on one qubit.
static void hadamard(int qubit) {
  const double half = 0.70710678118654752440;
  long bit = 1L << qubit;
  for (long high = 0; high < size; high += 2 * bit)
    for (long i = high; i < high + bit; i++) {
      double r0 = re[i], i0 = im[i], r1 = re[i + bit], i1 = im[i + bit];
      re[i] = half * (r0 + r1), im[i] = half * (i0 + i1);
      re[i + bit] = half * (r0 - r1), im[i + bit] = half * (i0 - i1);
    }
}

static double probability(long value) { return re[value] * re[value] + im[value] * im[value]; }

#endif
