// Lorenz-96: weather on a circle of latitude, its climate, and how fast forecasts of it go wrong.
#include "options.h"
#include "philox.h"

enum { sites = 40, every = 4 };

// A day is a fifth of the model's unit of time; a step is six hours, as Lorenz has it.
#define step 0.05
static const double forcing = 8, steps_per_day = 4;

static double x[sites], errors[sites][sites], grown[sites];

static int at(int site) { return site < 0 ? site + sites : site >= sites ? site - sites : site; }

static void slope(const double *state, double *out) {
  for (int i = 0; i < sites; i++)
    out[i] = (state[at(i + 1)] - state[at(i - 2)]) * state[at(i - 1)] - state[i] + forcing;
}

// What becomes of a small error: the derivative of `slope` at a state.
static void error_slope(const double *state, const double *error, double *out) {
  for (int i = 0; i < sites; i++)
    out[i] = (error[at(i + 1)] - error[at(i - 2)]) * state[at(i - 1)] +
             (state[at(i + 1)] - state[at(i - 2)]) * error[at(i - 1)] - error[i];
}

static void add(double *out, const double *from, double factor, const double *more) {
  for (int i = 0; i < sites; i++) out[i] = from[i] + factor * more[i];
}

// One step of Runge and Kutta, for the state and with it for each error.
static void advance(void) {
  static const double part[4] = {0, step / 2, step / 2, step};
  static const double weight[4] = {step / 6, step / 3, step / 3, step / 6};
  static double state[4][sites], error[sites], k[4][sites];
  for (int s = 0; s < 4; s++) {
    add(state[s], x, part[s], k[s == 0 ? 0 : s - 1]);
    slope(state[s], k[s]);
  }
  for (int s = 0; s < 4; s++) add(x, x, weight[s], k[s]);
  for (int n = 0; n < sites; n++) {
    for (int s = 0; s < 4; s++) {
      add(error, errors[n], part[s], k[s == 0 ? 0 : s - 1]);
      error_slope(state[s], error, k[s]);
    }
    for (int s = 0; s < 4; s++) add(errors[n], errors[n], weight[s], k[s]);
  }
}

static double product(const double *a, const double *b) {
  double sum = 0;
  for (int i = 0; i < sites; i++) sum += a[i] * b[i];
  return sum;
}

// Gram and Schmidt: keeps the errors apart, and sums up the logarithm of what each has grown by.
static void separate(void) {
  for (int n = 0; n < sites; n++) {
    for (int m = 0; m < n; m++)
      add(errors[n], errors[n], -product(errors[n], errors[m]), errors[m]);
    double length = sqrt(product(errors[n], errors[n]));
    grown[n] += log(length);
    for (int i = 0; i < sites; i++) errors[n][i] /= length;
  }
}

int main(int argc, char **argv) {
  struct option options[] = {{"--member", 1}, {"--days", 3650}};
  read_options(argc, argv, options, 2);
  need(options[0].value >= 0 && options[1].value >= 1, "a member from 0, days from 1");
  uint64_t member = (uint64_t)options[0].value;
  long steps = (long)(options[1].value * steps_per_day) / every * every;

  for (int i = 0; i < sites; i++) x[i] = forcing + 0.01 * normal((uint64_t)i, member);
  for (int n = 0; n < sites; n++) errors[n][n] = 1;
  // A year until the weather has forgotten how it began, and the errors which way they pointed.
  for (int n = 0; n < 365 * steps_per_day; n++) {
    advance();
    if (n % every == every - 1) separate();
  }
  memset(grown, 0, sizeof grown);

  double sum = 0, squares = 0;
  for (long n = 0; n < steps; n++) {
    advance();
    if (n % every == every - 1) separate();
    for (int i = 0; i < sites; i++) sum += x[i], squares += x[i] * x[i];
  }
  double count = (double)steps * sites, mean = sum / count;
  printf("{\"member\":%.0f,\"days\":%g,\"mean\":%.6f,\"deviation\":%.6f,\n\"exponents\":[",
         options[0].value, (double)steps / steps_per_day, mean,
         sqrt(squares / count - mean * mean));
  for (int n = 0; n < sites; n++)
    printf("%s%.6f", n == 0 ? "" : ",", grown[n] / ((double)steps * step));
  printf("]}\n");
  return 0;
}
