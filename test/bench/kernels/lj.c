// Lennard-Jones: all pairs of a small box, velocity Verlet; divisions and stores of doubles.
// SCALE makes it shorter: a benchmark wants 16, a test 1.
#include <stdio.h>

enum { side = 8, count = side * side * side };

static double position[count][3], velocity[count][3], force[count][3];

static double forces(double box) {
  double energy = 0;
  for (int i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) force[i][k] = 0;
  for (int i = 0; i < count; i++) {
    for (int j = i + 1; j < count; j++) {
      double d[3], r2 = 0;
      for (int k = 0; k < 3; k++) {
        d[k] = position[i][k] - position[j][k];
        if (d[k] > box / 2) d[k] -= box;
        if (d[k] < -box / 2) d[k] += box;
        r2 += d[k] * d[k];
      }
      if (r2 > 6.25) continue;
      double s2 = 1.0 / r2, s6 = s2 * s2 * s2;
      double f = 48.0 * s6 * (s6 - 0.5) * s2;
      energy += 4.0 * s6 * (s6 - 1.0);
      for (int k = 0; k < 3; k++) {
        force[i][k] += f * d[k];
        force[j][k] -= f * d[k];
      }
    }
  }
  return energy;
}

int main(void) {
  const double box = side * 1.2, step = 0.002;
  unsigned seed = 7;
  for (int i = 0; i < count; i++) {
    int at[3] = {i % side, i / side % side, i / side / side};
    for (int k = 0; k < 3; k++) {
      seed = seed * 1664525u + 1013904223u;
      position[i][k] = at[k] * 1.2;
      velocity[i][k] = (double)(seed >> 8) / 16777216.0 - 0.5;
    }
  }
  double energy = forces(box);
  for (int n = 0; n < 37 * SCALE; n++) {
    for (int i = 0; i < count; i++)
      for (int k = 0; k < 3; k++) {
        velocity[i][k] += 0.5 * step * force[i][k];
        double x = position[i][k] + step * velocity[i][k];
        if (x < 0) x += box;
        if (x >= box) x -= box;
        position[i][k] = x;
      }
    energy = forces(box);
    for (int i = 0; i < count; i++)
      for (int k = 0; k < 3; k++) velocity[i][k] += 0.5 * step * force[i][k];
  }
  double kinetic = 0;
  for (int i = 0; i < count; i++)
    for (int k = 0; k < 3; k++) kinetic += 0.5 * velocity[i][k] * velocity[i][k];
  printf("%.12f %.12f\n", energy, kinetic);
  return 0;
}
