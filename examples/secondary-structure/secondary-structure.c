// Secondary structure of a protein from its sequence, by the fourth method of Garnier, Osguthorpe
// and Robson: what pairs of residues around a place say of the place.
// J. Garnier, J.-F. Gibrat, B. Robson: GOR method for predicting protein secondary structure from
// amino acid sequence. Methods in Enzymology 266, 540 (1996).
#include "options.h"

#include <math.h>

enum { half = 8, window = 2 * half + 1, pairs = window * (window - 1) / 2, kinds = 20, states = 3 };
enum { proteins_most = 200, residues_most = 40000 };

static const char letters[] = "ACDEFGHIKLMNPQRSTVWY", state_letters[] = "HEC";

// What was read: residues and states as numbers, -1 for a residue that is not known.
static signed char residue[residues_most], state[residues_most];
static int proteins, begins[proteins_most + 1];
static char name[proteins_most][32];

// How often a state was seen; with a residue at a place of the window; with two of them.
static double seen[states], single[states][window][kinds];
static float pair[states][pairs][kinds][kinds];

// Alpha helices and strands; all else is coil, as it was for this method.
static signed char state_of(char letter) { return letter == 'H' ? 0 : letter == 'E' ? 1 : 2; }

static signed char residue_of(char letter) {
  const char *found = strchr(letters, letter);
  return found == NULL ? -1 : (signed char)(found - letters);
}

// Reads by turns a sequence and what DSSP says of it: `>1UBI:A:sequence`, `>1UBI:A:secstr`.
static void read_proteins(int most) {
  char line[256];
  int length[2] = {0, 0}, is_state = 1;
  while (fgets(line, sizeof line, stdin) != NULL) {
    line[strcspn(line, "\r\n")] = '\0';
    if (line[0] == '>') {
      need(!is_state || length[0] == length[1], "a structure as long as its sequence");
      is_state = !is_state;
      if (is_state) continue;
      if (proteins == most) break;
      char *colon = strrchr(line, ':');
      need(colon != NULL && proteins < proteins_most, "fewer proteins, named as >1UBI:A:sequence");
      *colon = '\0';
      snprintf(name[proteins], sizeof name[0], "%s", line + 1);
      begins[proteins++] = length[0];
      continue;
    }
    for (char *c = line; *c != '\0'; c++) {
      need(length[is_state] < residues_most, "fewer residues");
      if (is_state) state[length[1]++] = state_of(*c);
      else residue[length[0]++] = residue_of(*c);
    }
  }
  begins[proteins] = length[1];
  need(proteins > 2 && length[0] == length[1], "three proteins, each with its structure");
}

// The residue at a place of the window around another; -1 if there is none or it is not known.
static int around(int protein, int middle, int place) {
  int at = middle + place - half;
  return at < begins[protein] || at >= begins[protein + 1] ? -1 : residue[at];
}

// Counts what a protein shows, with a sign of -1 no more.
static void count(int protein, int sign) {
  for (int i = begins[protein]; i < begins[protein + 1]; i++) {
    int s = state[i];
    if (residue[i] < 0) continue;
    seen[s] += sign;
    for (int m = 0, p = 0; m < window; m++) {
      int a = around(protein, i, m);
      if (a >= 0) single[s][m][a] += sign;
      for (int n = m + 1; n < window; n++, p++) {
        int b = around(protein, i, n);
        if (a >= 0 && b >= 0) pair[s][p][a][b] += (float)sign;
      }
    }
  }
}

// The information for a state and against all others that the window holds. A pair that is rare
// counts as if `weight` more had been seen, shared out as its two residues alone would have it: so
// many dummies that no pair says anything leave the first method, which knows single residues only.
static double information(int protein, int middle, int s, double weight) {
  double all = seen[0] + seen[1] + seen[2], of_pairs = 0, of_singles = 0;
  int known = 0;
  for (int m = 0, p = 0; m < window; m++) {
    int a = around(protein, middle, m);
    if (a < 0) {
      p += window - 1 - m;
      continue;
    }
    // A residue that was never seen here still has the state as often as any.
    double here = single[s][m][a] + seen[s] / all;
    double not_here = single[0][m][a] + single[1][m][a] + single[2][m][a] + 1 - here;
    double with = 1, without = 1;
    for (int n = m + 1; n < window; n++, p++) {
      int b = around(protein, middle, n);
      if (b < 0) continue;
      double there = single[s][n][b] + seen[s] / all;
      double not_there = single[0][n][b] + single[1][n][b] + single[2][n][b] + 1 - there;
      double expected = here * there / seen[s];
      double not_expected = not_here * not_there / (all - seen[s]);
      double found = pair[s][p][a][b];
      double not_found = pair[0][p][a][b] + pair[1][p][a][b] + pair[2][p][a][b] - found;
      double share = weight / (expected + not_expected);
      with *= found + share * expected;
      without *= not_found + share * not_expected;
    }
    of_pairs += log(with / without);
    of_singles += log(here / not_here);
    known++;
  }
  return (2 * of_pairs - (known - 2) * of_singles) / known;
}

static int predict(int protein, int middle, double weight) {
  int best = 0;
  double most = information(protein, middle, 0, weight);
  for (int s = 1; s < states; s++) {
    double value = information(protein, middle, s, weight);
    if (value > most) most = value, best = s;
  }
  return best;
}

static int right(int protein, double weight) {
  int sum = 0;
  for (int i = begins[protein]; i < begins[protein + 1]; i++)
    if (residue[i] >= 0) sum += predict(protein, i, weight) == state[i];
  return sum;
}

int main(int argc, char **argv) {
  struct option options[] = {{"--protein", 1}, {"--first", proteins_most}};
  read_options(argc, argv, options, 2);
  read_proteins((int)options[1].value);
  int left = (int)options[0].value - 1;
  need(left >= 0 && left < proteins, "a protein of the file, from 1");

  // Whatever is chosen is chosen without the protein that will be predicted.
  static const double weights[] = {1, 3, 10, 30, 100};
  int best = 0, score[5] = {0};
  for (int p = 0; p < proteins; p++) count(p, p == left ? 0 : 1);
  for (int p = 0; p < proteins; p++) {
    if (p == left) continue;
    count(p, -1);
    for (int w = 0; w < 5; w++) score[w] += right(p, weights[w]);
    count(p, 1);
  }
  for (int w = 0; w < 5; w++) if (score[w] > score[best]) best = w;
  for (int w = 0; w < 5; w++) fprintf(stderr, "weight %g: %d right\n", weights[w], score[w]);

  printf(">%s:sequence\n", name[left]);
  for (int i = begins[left]; i < begins[left + 1]; i++)
    putchar(residue[i] < 0 ? 'X' : letters[(int)residue[i]]);
  printf("\n>%s:observed\n", name[left]);
  for (int i = begins[left]; i < begins[left + 1]; i++) putchar(state_letters[(int)state[i]]);
  printf("\n>%s:predicted\n", name[left]);
  for (int i = begins[left]; i < begins[left + 1]; i++)
    putchar(state_letters[predict(left, i, weights[best])]);
  printf("\n");
  return 0;
}
