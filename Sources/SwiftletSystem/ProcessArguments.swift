import Glibc

/// The arguments of the process and the path of its program, even without `/proc`.
///
/// The Swift runtime reads `/proc/self/cmdline`; in a chroot, or a container that hides `/proc`, it
/// returns no arguments.
package enum ProcessArguments {
  /// Returns the program's name and arguments; nil if neither the runtime nor the stack has them.
  package static func current() -> [String]? {
    let arguments = CommandLine.arguments
    return arguments.isEmpty ? InitialStack()?.arguments : arguments
  }

  /// Returns the absolute path of the program's file; nil if the system does not report it.
  package static func programPath() -> String? {
    resolved("/proc/self/exe") ?? InitialStack()?.programPath.flatMap(resolved)
  }

  /// Returns the absolute path with links resolved; nil if there is no such file.
  package static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}

/// The process's initial stack: argument count, argument pointers, null, environment pointers,
/// null, and pairs of key and value.
///
/// "System V Application Binary Interface, AMD64 Architecture Processor Supplement", 3.4.1.
struct InitialStack {
  let arguments: [String]
  /// The path with which the program was started.
  let programPath: String?

  private static let programPathKey = 31  // AT_EXECFN, which Glibc's module does not have

  /// Nil if the C library's loader does not export the start of the stack.
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
