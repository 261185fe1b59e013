/// Weights [rows, columns] of a linear layer where they are stored. Read once, by several threads at
/// the same time.
package protocol WeightSource: Sendable {
  var rows: Int { get }
  var columns: Int { get }

  /// The first row, if the rows lie one after another as float32, at any address.
  var float32: UnsafeRawPointer? { get }

  /// The first row, if the rows lie one after another as float16, at any address.
  var float16: UnsafeRawPointer? { get }

  /// The first row, if the rows lie one after another as bfloat16, at any address.
  var bfloat16: UnsafeRawPointer? { get }

  /// Writes some of the rows as float32.
  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>)

  /// Releases the memory of rows that will not be read again, where possible.
  func release(_ rows: Range<Int>)
}

extension WeightSource {
  package var float16: UnsafeRawPointer? { nil }

  package var bfloat16: UnsafeRawPointer? { nil }
}
