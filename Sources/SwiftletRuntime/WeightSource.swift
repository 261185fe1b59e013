/// Weights [rows, columns] of a linear layer where they are stored. Read once, by several threads at
/// the same time.
package protocol WeightSource: Sendable {
  var rows: Int { get }
  var columns: Int { get }

  /// The first row, if the rows lie one after another as float32, at any address.
  var float32: UnsafeRawPointer? { get }

  /// The same as float16.
  var float16: UnsafeRawPointer? { get }

  /// Writes some of the rows as float32.
  func read(_ rows: Range<Int>, into target: UnsafeMutablePointer<Float>)

  /// Gives memory back where it can be: nobody will ask for these rows again.
  func release(_ rows: Range<Int>)
}

extension WeightSource {
  package var float16: UnsafeRawPointer? { nil }
}
