import Glibc

/// The arguments of the process and the path of its program, also where there is no `/proc`.
///
/// The Swift runtime reads `/proc/self/cmdline`, and has no arguments where that is missing: in a
/// chroot, or a container that hides `/proc`.
package enum ProcessArguments {
  /// The name of the program and its arguments; nil where neither the runtime nor the stack has them.
  package static func current() -> [String]? {
    let arguments = CommandLine.arguments
    return arguments.isEmpty ? InitialStack()?.arguments : arguments
  }

  /// The absolute path of the program's file; nil if the system does not tell it.
  package static func programPath() -> String? {
    resolved("/proc/self/exe") ?? InitialStack()?.programPath.flatMap(resolved)
  }

  /// The absolute path without links; nil if there is no such file.
  package static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}

/// What the kernel put on the stack at the start: the count of the arguments, a pointer to each, a null
/// pointer, pointers to the variables, a null pointer, and pairs of a key and a value.
///
/// "System V Application Binary Interface, AMD64 Architecture Processor Supplement", 3.4.1.
struct InitialStack {
  let arguments: [String]
  /// The path by which the program was started.
  let programPath: String?

  private static let programPathKey = 31  // AT_EXECFN, which Glibc's module does not have

  /// Nil if the C library's loader does not say where the stack begins.
  init?() {
    guard let symbol = dlsym(nil, "__libc_stack_end"),
      let words = symbol.load(as: UnsafePointer<Int>?.self)
    else { return nil }
    let count = words[0]
    guard (1..<1 << 24).contains(count), words[count + 1] == 0 else { return nil }
    arguments = (1...count).map { Self.text(words[$0]) ?? "" }
    var next = count + 2
    while words[next] != 0 { next += 1 }
    next += 1
    var path: String?
    while words[next] != 0 {
      if words[next] == Self.programPathKey { path = Self.text(words[next + 1]) }
      next += 2
    }
    programPath = path
  }

  private static func text(_ address: Int) -> String? {
    UnsafePointer<CChar>(bitPattern: address).map { String(cString: $0) }
  }
}
