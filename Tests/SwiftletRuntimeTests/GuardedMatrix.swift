import Glibc
import SwiftletKernelCore
import SwiftletSystem

/// A matrix between guards: NaN before it and between its rows, which spoils every result that
/// reads it, and an inaccessible page right after its last element.
///
/// Its views are valid while it exists.
final class GuardedMatrix: @unchecked Sendable {
  let view: Matrix<Float>
  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int
  private let floats: UnsafeMutableBufferPointer<Float>

  /// A quiet NaN whose payload no computation makes.
  private static let filler = Float(bitPattern: 0x7FC5_A5A5)

  /// The matrix itself is NaN too.
  init(rows: Int, columns: Int, padding: Int = 5) throws {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let stride = columns + padding
    let count = max((rows - 1) * stride + columns, 0)
    let margin = 64
    let bytes = ((count + margin) * MemoryLayout<Float>.stride + page - 1) / page * page
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let base = mmap(nil, bytes + page, PROT_READ | PROT_WRITE, flags, -1, 0),
      base != MAP_FAILED, mprotect(base + bytes, page, PROT_NONE) == 0
    else { throw NoMemory() }
    mapping = base
    mappedBytes = bytes + page
    let length = bytes / MemoryLayout<Float>.stride
    let start = base.bindMemory(to: Float.self, capacity: length)
    floats = UnsafeMutableBufferPointer(start: start, count: length)
    floats.update(repeating: Self.filler)
    view = Matrix(start + (length - count), rows: rows, columns: columns, stride: stride)
  }

  /// `value` returns the element of a row and a column.
  convenience init(rows: Int, columns: Int, value: (Int, Int) -> Float) throws {
    try self.init(rows: rows, columns: columns)
    for row in 0..<rows {
      let line = view.row(row)
      for column in 0..<columns { line[column] = value(row, column) }
    }
  }

  /// Uniformly drawn elements from -`scale` to `scale`.
  convenience init(
    rows: Int, columns: Int, scale: Float = 1, using random: inout SplitMix64
  ) throws {
    try self.init(rows: rows, columns: columns) { _, _ in scale * random.unit() }
  }

  /// A copy of another matrix's elements.
  convenience init(copying source: Matrix<Float>) throws {
    try self.init(rows: source.rows, columns: source.columns) { source.row($0)[$1] }
  }

  deinit { munmap(mapping, mappedBytes) }

  /// Whether everything outside the elements is unchanged.
  var isIntactOutside: Bool {
    let first = floats.count - max((view.rows - 1) * view.stride + view.columns, 0)
    for index in floats.indices {
      let isInside = index >= first && (index - first) % view.stride < view.columns
      if !isInside, floats[index].bitPattern != Self.filler.bitPattern { return false }
    }
    return true
  }

  /// The elements, bit for bit.
  var bits: [[UInt32]] { withExtendedLifetime(self) { view.bits } }

  /// The last `count` rows, so that the guard page follows them.
  func lastRows(_ count: Int) -> Matrix<Float> { view.rows(view.rows - count..<view.rows) }

  struct NoMemory: Error {}
}

extension Matrix<Float> {
  func rows(_ range: Range<Int>) -> Matrix<Float> {
    Matrix(row(range.lowerBound), rows: range.count, columns: columns, stride: stride)
  }

  /// The elements of a row, bit for bit.
  func bits(ofRow index: Int, columns range: Range<Int>? = nil) -> [UInt32] {
    let line = row(index)
    return (range ?? 0..<columns).map { line[$0].bitPattern }
  }

  var bits: [[UInt32]] { (0..<rows).map { bits(ofRow: $0) } }
}

/// Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", 2014.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number from -1 to 1.
  mutating func unit() -> Float { Float(Int32(truncatingIfNeeded: next() >> 32)) * 0x1p-31 }
}
