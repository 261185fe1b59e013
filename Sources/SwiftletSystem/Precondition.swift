/// Stops the program if `condition` does not hold: a mistake of the caller.
///
/// `precondition` leaves its text out of release builds; this function writes it to standard error
/// there too.
@inline(__always)
package func requirePrecondition(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String,
  file: StaticString = #fileID, line: UInt = #line
) {
  if !condition() { stop(message(), file: file, line: line) }
}

/// Stops the program with a text on standard error, in release builds too.
@inline(never)
package func stop(
  _ message: String, file: StaticString = #fileID, line: UInt = #line
) -> Never {
  fatalError(message, file: file, line: line)
}
