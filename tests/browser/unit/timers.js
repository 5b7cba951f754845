/** For tests that move the clock of time-outs, which node 18 does in another way, and not rightly. */
export const timed = { skip: process.versions.node.startsWith('18.') };
