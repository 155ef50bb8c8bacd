// The quantum Fourier transform of a periodic state: what Shor's algorithm measures.
#include "options.h"
#include "register.h"

// Turns the phase where both qubits are 1.
static void controlled_phase(int control, int qubit, double angle) {
  double c = cos(angle), s = sin(angle);
  long both = 1L << control | 1L << qubit;
  for (long i = 0; i < size; i++) {
    if ((i & both) != both) continue;
    double r = re[i];
    re[i] = c * r - s * im[i];
    im[i] = s * r + c * im[i];
  }
}

static void swap(int a, int b) {
  long first = 1L << a, second = 1L << b;
  for (long i = 0; i < size; i++) {
    if (!(i & first) || i & second) continue;
    long j = i - first + second;
    double r = re[i], m = im[i];
    re[i] = re[j], im[i] = im[j];
    re[j] = r, im[j] = m;
  }
}

static void transform(void) {
  for (int qubit = qubits - 1; qubit >= 0; qubit--) {
    hadamard(qubit);
    for (int low = qubit - 1; low >= 0; low--)
      controlled_phase(low, qubit, 3.14159265358979323846 / (double)(1L << (qubit - low)));
  }
  for (int low = 0; low < qubits / 2; low++) swap(low, qubits - 1 - low);
}

int main(int argc, char **argv) {
  struct option options[] = {{"--qubits", 12}, {"--period", 3}};
  read_options(argc, argv, options, 2);
  qubits = (int)options[0].value;
  long period = (long)options[1].value;
  need(qubits >= 2 && qubits <= qubits_most, "2 to 20 qubits");
  size = 1L << qubits;
  need(period >= 1 && period <= size, "a period of at least 1, that fits the register");

  // Every period-th value, beginning with 1 if there is one: where it begins is not to matter.
  long terms = 0;
  for (long i = period > 1; i < size; i += period) terms++;
  for (long i = period > 1; i < size; i += period) re[i] = 1 / sqrt((double)terms);
  transform();
  printf("qubits,period,peak,value,probability\n");
  for (long peak = 0; peak < period; peak++) {
    long value = (2 * peak * size + period) / (2 * period) % size;
    printf("%d,%ld,%ld,%ld,%.15f\n", qubits, period, peak, value, probability(value));
  }
  return 0;
}
