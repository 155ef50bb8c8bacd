/** Whether the environment wants no colours: see no-color.org. */
export const noColor = (process.env.NO_COLOR ?? '') !== ''
