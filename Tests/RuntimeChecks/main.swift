// Checks that need a process of their own, because they measure all of it: its allocations, its
// processor time, its memory.
//
//     RuntimeChecks allocations MODEL | idle MODEL | soak MODEL SHAPES

import Glibc

let arguments = CommandLine.arguments
do {
  switch (arguments.dropFirst().first, arguments.count) {
  case ("allocations", 3): try checkAllocations(arguments[2])
  case ("idle", 3): try checkIdle(arguments[2])
  case ("soak", 4):
    guard let count = Int(arguments[3]), count >= 1000 else {
      throw Failure("a soak takes 1000 shapes or more")
    }
    try soak(arguments[2], count: count)
  default:
    throw Failure("usage: RuntimeChecks allocations MODEL | idle MODEL | soak MODEL SHAPES")
  }
} catch {
  print("failed: \(error)")
  exit(1)
}
