/// Stops the program if the caller violates `condition`.
///
/// Unlike `precondition`, it writes the message to standard error in release builds too.
@inline(__always)
package func requirePrecondition(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { stop(message(), file: file, line: line) }
}

/// Stops the program with a message on standard error, in release builds too.
@inline(never)
package func stop(_ message: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  fatalError(message, file: file, line: line)
}
