#if Server
import CZlib

/// A `z_stream` at a fixed address, since zlib keeps pointers to it.
final class ZlibStream {
  let fields: UnsafeMutablePointer<z_stream>
  private let end: (UnsafeMutablePointer<z_stream>) -> Int32

  /// - Parameters:
  ///   - end: Frees what zlib allocated, once `begin` has succeeded.
  ///   - begin: Initialises the stream; returns zlib's status.
  init?(
    end: @escaping (UnsafeMutablePointer<z_stream>) -> Int32,
    begin: (UnsafeMutablePointer<z_stream>) -> Int32
  ) {
    fields = .allocate(capacity: 1)
    fields.initialize(to: z_stream())
    self.end = end
    guard begin(fields) == Z_OK else {
      fields.deallocate()
      return nil
    }
  }

  deinit {
    _ = end(fields)
    fields.deallocate()
  }

  static let size = Int32(MemoryLayout<z_stream>.size)
}
#endif
