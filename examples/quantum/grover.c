// Grover's search: one of 2^n values is marked; how likely is it found after each iteration?
#include "options.h"
#include "register.h"

static void hadamard_all(void) {
  for (int qubit = 0; qubit < qubits; qubit++) hadamard(qubit);
}

// Turns the sign of all amplitudes but that of one value.
static void reflect(long but) {
  for (long i = 0; i < size; i++)
    if (i != but) re[i] = -re[i], im[i] = -im[i];
}

int main(int argc, char **argv) {
  struct option options[] = {{"--qubits", 12}, {"--marked", 1}};
  read_options(argc, argv, options, 2);
  qubits = (int)options[0].value;
  long marked = (long)options[1].value;
  need(qubits >= 2 && qubits <= qubits_most, "2 to 20 qubits");
  size = 1L << qubits;
  need(marked >= 0 && marked < size, "a marked value of the register");

  re[0] = 1;
  hadamard_all();
  long best = (long)(0.78539816339744830962 * sqrt((double)size));
  printf("qubits,marked,iteration,probability\n");
  for (long iteration = 0; iteration <= best; iteration++) {
    if (iteration > 0) {
      re[marked] = -re[marked], im[marked] = -im[marked];
      hadamard_all();
      reflect(0);
      hadamard_all();
    }
    printf("%d,%ld,%ld,%.15f\n", qubits, marked, iteration, probability(marked));
  }
  return 0;
}
