import CSwiftlet

/// What `swiftlet_error *` points to.
struct ErrorRecord {
  let status: swiftlet_status
  let textIndex: Int64
  let message: UnsafePointer<CChar>

  /// A new object for a failure; the caller frees it with `free`.
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

  /// The record behind a pointer; nil for NULL.
  static func read(_ pointer: OpaquePointer?) -> ErrorRecord? {
    pointer.map { UnsafeMutablePointer<ErrorRecord>($0).pointee }
  }

  /// Runs the body of a call; a failure becomes a status and, if it is wanted, an object.
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
