/** Says back what it hears: the yardstick of a child process that does something. */
process.on('message', (message) => process.send?.(message))
process.send?.('ready')
