import CSwiftlet

/// The memory behind a `swiftlet_error *`.
struct ErrorRecord {
  let status: swiftlet_status
  let textIndex: Int64
  let message: UnsafePointer<CChar>

  /// Allocates a record for a failure; the caller frees it with `free`.
  static func make(_ failure: Failure) -> OpaquePointer {
    let record = UnsafeMutablePointer<ErrorRecord>.allocate(capacity: 1)
    record.initialize(
      to: ErrorRecord(
        status: failure.status, textIndex: failure.textIndex.map { Int64($0) } ?? -1,
        message: Memory.copy(failure.message.replacing("\0", with: "\u{fffd}"))))
    return OpaquePointer(record)
  }

  static func free(_ pointer: OpaquePointer?) {
    guard let pointer else { return }
    let record = UnsafeMutablePointer<ErrorRecord>(pointer)
    record.pointee.message.deallocate()
    record.deallocate()
  }

  /// Returns the record behind a pointer; nil for NULL.
  static func read(_ pointer: OpaquePointer?) -> ErrorRecord? {
    pointer.map { UnsafeMutablePointer<ErrorRecord>($0).pointee }
  }

  /// Runs the body of a call; returns the status of a failure and, unless `place` is NULL, its
  /// record.
  static func report(
    to place: UnsafeMutablePointer<OpaquePointer?>?, _ body: () throws(Failure) -> Void
  ) -> swiftlet_status {
    place?.pointee = nil
    do throws(Failure) {
      try body()
      return swiftlet_status(SWIFTLET_OK)
    } catch {
      place?.pointee = make(error)
      return error.status
    }
  }
}
