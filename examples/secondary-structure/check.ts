import { type Check, type Comparison, errorOf, errorsAllowed, meanOf } from '../comparison.ts'

/** How much is predicted right, of each protein by what the others show. */
export const secondaryStructure: Check = {
  files: ['prediction.fasta'],
  compare(texts): readonly Comparison[] {
    const shares = texts.map(shareRight)
    return [
      {
        what: 'share of the residues of a protein that are predicted right',
        found: meanOf(shares),
        // All coil, a guess without looking, would have 0.51.
        published: 0.644,
        within: errorsAllowed * errorOf(shares),
      },
    ]
  },
}

/** The share of the known residues of a protein whose predicted state was observed. */
function shareRight(text: string): number {
  const [, sequence = '', , observed = '', , predicted = ''] = text.trim().split('\n')
  const known = [...sequence].map((_, i) => i).filter((i) => sequence[i] !== 'X')
  return known.filter((i) => observed[i] === predicted[i]).length / known.length
}
