// Lennard-Jones liquid: molecular dynamics of atoms like argon's, in reduced units.
#include "options.h"
#include "philox.h"

enum { most = 4 * 6 * 6 * 6, pairs_most = most * 100 };

static const double pi = 3.14159265358979323846, cutoff = 3, skin = 0.3, step = 0.004;

static int count, pairs, list[pairs_most][2];
static double box, position[most][3], velocity[most][3], force[most][3], listed[most][3];

// Of the pairs within the cutoff: their energy, their virial, and how many they are.
static double energy, virial, within;

static double nearest(double d) {
  return d > box / 2 ? d - box : d < -box / 2 ? d + box : d;
}

// All pairs that may come within the cutoff before some atom has moved by half of the skin.
static void make_list(void) {
  pairs = 0;
  for (int i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) position[i][k] -= box * floor(position[i][k] / box);
  for (int i = 0; i < count; i++)
    for (int j = i + 1; j < count; j++) {
      double square = 0;
      for (int k = 0; k < 3; k++) {
        double d = nearest(position[i][k] - position[j][k]);
        square += d * d;
      }
      if (square > (cutoff + skin) * (cutoff + skin)) continue;
      need(pairs < pairs_most, "a density below 1");
      list[pairs][0] = i, list[pairs][1] = j, pairs++;
    }
  memcpy(listed, position, sizeof position);
}

static int is_stale(void) {
  for (int i = 0; i < count; i++) {
    double square = 0;
    for (int k = 0; k < 3; k++) {
      double d = position[i][k] - listed[i][k];
      square += d * d;
    }
    if (square > skin * skin / 4) return 1;
  }
  return 0;
}

static void find_forces(void) {
  memset(force, 0, sizeof force);
  energy = virial = within = 0;
  for (int n = 0; n < pairs; n++) {
    int i = list[n][0], j = list[n][1];
    double d[3], square = 0;
    for (int k = 0; k < 3; k++) {
      d[k] = nearest(position[i][k] - position[j][k]);
      square += d[k] * d[k];
    }
    if (square > cutoff * cutoff) continue;
    double r2 = 1 / square, r6 = r2 * r2 * r2, w = 48 * r6 * (r6 - 0.5);
    energy += 4 * r6 * (r6 - 1);
    virial += w;
    within += 1;
    for (int k = 0; k < 3; k++) {
      force[i][k] += w * r2 * d[k];
      force[j][k] -= w * r2 * d[k];
    }
  }
}

static void kick(void) {
  for (int i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) velocity[i][k] += step / 2 * force[i][k];
}

// One step of velocity Verlet.
static void advance(void) {
  kick();
  for (int i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) position[i][k] += step * velocity[i][k];
  if (is_stale()) make_list();
  find_forces();
  kick();
}

// Three degrees of freedom are lost to the momentum, which is nought.
static double temperature(void) {
  double sum = 0;
  for (int i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) sum += velocity[i][k] * velocity[i][k];
  return sum / (3 * count - 3);
}

static void heat_to(double wanted) {
  double factor = sqrt(wanted / temperature());
  for (int i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) velocity[i][k] *= factor;
}

// A crystal, which melts at once, with drawn velocities and no momentum.
static void place(int cells, uint64_t seed) {
  static const int corner[4][3] = {{0, 0, 0}, {0, 1, 1}, {1, 0, 1}, {1, 1, 0}};
  double momentum[3] = {0};
  for (int i = 0; i < count; i++) {
    int cell[3] = {i / 4 % cells, i / 4 / cells % cells, i / 4 / cells / cells};
    for (int k = 0; k < 3; k++) {
      position[i][k] = box / cells * (cell[k] + 0.5 * corner[i % 4][k]);
      velocity[i][k] = normal((uint64_t)(3 * i + k), seed);
      momentum[k] += velocity[i][k];
    }
  }
  for (int i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) velocity[i][k] -= momentum[k] / count;
}

int main(int argc, char **argv) {
  struct option options[] = {{"--seed", 1},   {"--density", 0.776}, {"--temperature", 0.875},
                             {"--cells", 5}, {"--settle", 1000},   {"--steps", 2000}};
  read_options(argc, argv, options, 6);
  double density = options[1].value, wanted = options[2].value;
  int cells = (int)options[3].value;
  long settle = (long)options[4].value, steps = (long)options[5].value;
  need(cells >= 1 && cells <= 6 && steps >= 2, "1 to 6 cells, and steps");
  count = 4 * cells * cells * cells;
  box = cbrt(count / density);
  need(box > 2 * (cutoff + skin), "a box of more than twice the cutoff and the skin");

  place(cells, (uint64_t)options[0].value);
  make_list();
  find_forces();
  for (long n = 0; n < settle; n++) {
    if (n % 10 == 0) heat_to(wanted);
    advance();
  }

  // What lies beyond the cutoff, as if the liquid were even there.
  double r3 = 1 / (cutoff * cutoff * cutoff), r9 = r3 * r3 * r3;
  double far_energy = 8 * pi * density / 3 * (r9 / 3 - r3);
  double far_pressure = 16 * pi * density * density / 3 * (2 * r9 / 3 - r3);
  // The forces are those of a potential that is shifted to nought at the cutoff.
  double shift = 4 * r3 * r3 * (r3 * r3 - 1);

  double sums[3] = {0}, first = 0, total = 0, lowest = 0, highest = 0;
  for (long n = 0; n < steps; n++) {
    advance();
    double t = temperature();
    sums[0] += t;
    sums[1] += energy / count + far_energy;
    sums[2] += density * t + virial / (3 * box * box * box) + far_pressure;
    total = 1.5 * t * (count - 1) / count + (energy - shift * within) / count;
    if (n == 0) first = lowest = highest = total;
    if (total < lowest) lowest = total;
    if (total > highest) highest = total;
  }
  printf("seed,density,atoms,steps,temperature,energy,pressure,drift,swing\n");
  printf("%.0f,%g,%d,%ld,%.6f,%.6f,%.6f,%.2e,%.2e\n", options[0].value, density, count, steps,
         sums[0] / steps, sums[1] / steps, sums[2] / steps, total - first, highest - lowest);
  return 0;
}
