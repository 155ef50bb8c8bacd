#!/usr/bin/env node
import { enableCompileCache } from 'node:module'

// What was compiled once is not compiled again at each start. This file alone is JavaScript, for it
// is there before that: to strip its types would cost more than all the rest of help.
enableCompileCache()
await import('./process.ts')
