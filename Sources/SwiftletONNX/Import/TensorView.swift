import SwiftletSafetensors

/// A constant as a node uses it: the elements of a tensor in the file, seen through transpositions,
/// slices and dequantisation. Nothing is copied.
struct TensorView: Sendable, Equatable {
  /// The place in ``StoredGraph/constants``.
  let constant: Int
  private(set) var shape: [Int]
  /// The distance in elements between neighbours in each dimension.
  private(set) var strides: [Int]
  /// The place of the first element.
  private(set) var offset = 0
  var quantization: Quantization?

  /// How integers become floats: (q - zero point) scale.
  struct Quantization: Sendable, Equatable {
    /// The constant with the scales, one for all elements or one for each place of `axis`.
    let scale: Int
    /// The constant with the zero points, as many as there are scales; nil for zeros.
    let zeroPoint: Int?
    /// The dimension of the view; nil if all elements have one scale.
    var axis: Int?
    /// The place of the first scale.
    var offset = 0
  }

  /// A whole constant of the graph.
  init(_ constant: Int, _ shape: [Int]) {
    self.constant = constant
    self.shape = shape
    var strides: [Int] = []
    var stride = 1
    for size in shape.reversed() {
      strides.insert(stride, at: 0)
      stride = stride.multipliedReportingOverflow(by: size).partialValue
    }
    self.strides = strides
  }

  var elementCount: Int { shape.reduce(1, *) }

  /// Whether the elements are one after another in the file, as the view has them.
  var isContiguous: Bool {
    quantization == nil && strides == TensorView(constant, shape).strides
  }

  /// The view with its dimensions in another order; nil for an order that does not fit.
  func transposed(_ order: [Int]) -> TensorView? {
    guard order.sorted() == Array(shape.indices) else { return nil }
    var result = self
    result.shape = order.map { shape[$0] }
    result.strides = order.map { strides[$0] }
    result.quantization?.axis = quantization?.axis.flatMap { order.firstIndex(of: $0) }
    return result
  }

  /// The matrix with rows and columns exchanged; nil for other shapes.
  var transposed: TensorView? { transposed([1, 0]) }

  /// Places of the first dimension; nil if there are not that many.
  func rows(_ range: Range<Int>) -> TensorView? {
    guard let count = shape.first, range.lowerBound >= 0, range.upperBound <= count else {
      return nil
    }
    var result = self
    result.shape[0] = range.count
    result.offset += range.lowerBound * strides[0]
    if quantization?.axis == 0 { result.quantization?.offset += range.lowerBound }
    return result
  }

  /// The view without dimensions of size 1 in front, down to `rank` dimensions; nil if it has others.
  func withRank(_ rank: Int) -> TensorView? {
    let extra = shape.count - rank
    guard extra >= 0, shape.prefix(extra).allSatisfy({ $0 == 1 }) else { return nil }
    var result = self
    result.shape.removeFirst(extra)
    result.strides.removeFirst(extra)
    result.quantization?.axis = quantization?.axis.map { $0 - extra }
    if let axis = result.quantization?.axis, axis < 0 { result.quantization?.axis = nil }
    return result
  }
}

extension StoredGraph {
  /// A value as a view of a constant, if it is a constant of floats or 8-bit integers or made of one by
  /// nodes that only move or dequantise elements; nil for others.
  func view(_ value: Value) -> TensorView? {
    var value = value
    var steps: [StoredNode] = []
    while constantOfValue[value] == nil {
      guard let node = producer(value), Self.viewing.contains(node.operation),
        let input = node.input(0)
      else { return nil }
      steps.append(node)
      value = input
    }
    guard let index = constantOfValue[value], let type = constants[index].type,
      type.isFloat || type.isQuantized
    else { return nil }
    var view = TensorView(index, constants[index].shape)
    for node in steps.reversed() {
      guard let next = apply(node, to: view) else { return nil }
      view = next
    }
    return view
  }

  private static let viewing: Set<String> = [
    "Identity", "Cast", "Transpose", "Squeeze", "DequantizeLinear",
  ]

  private func apply(_ node: StoredNode, to view: TensorView) -> TensorView? {
    switch node.operation {
    case "Transpose":
      return view.transposed(node.integers("perm") ?? view.shape.indices.reversed())
    case "Squeeze": return view.withRank(view.shape.drop { $0 == 1 }.count)
    case "Cast":
      // A cast to a smaller type would change the elements.
      let target = node.integer("to").flatMap { StoredElementType(rawValue: $0) }
      guard let type = constants[view.constant].type, let target, type.isFloat, target.isFloat,
        type == target || target == .float32 && type != .float64 || target == .float64
      else { return nil }
      return view
    case "DequantizeLinear":
      return dequantized(
        view, scale: node.input(1), zeroPoint: node.input(2), axis: node.integer("axis") ?? 1)
    default: return view
    }
  }

  /// A view of 8-bit integers with their scale and zero point; nil unless these are constants that fit.
  func dequantized(
    _ view: TensorView, scale: Value?, zeroPoint: Value?, axis: Int
  ) -> TensorView? {
    guard view.quantization == nil, constants[view.constant].type?.isQuantized == true,
      let scale = scale.flatMap({ constantOfValue[$0] }), constants[scale].type?.isFloat == true
    else { return nil }
    let axis = axis < 0 ? axis + view.shape.count : axis
    let count = constants[scale].elementCount
    guard count == 1 || view.shape.indices.contains(axis) && view.shape[axis] == count else {
      return nil
    }
    var zero: Int?
    if let zeroPoint {
      guard let index = constantOfValue[zeroPoint], constants[index].elementCount == count,
        constants[index].type == constants[view.constant].type
      else { return nil }
      zero = index
    }
    var view = view
    view.quantization = .init(scale: scale, zeroPoint: zero, axis: count == 1 ? nil : axis)
    return view
  }

  /// The constants that a view reads.
  func sources(of view: TensorView) -> [Int] {
    guard let quantization = view.quantization else { return [view.constant] }
    return [view.constant, quantization.scale] + (quantization.zeroPoint.map { [$0] } ?? [])
  }

  /// The name of a view's tensor, for people.
  func name(of view: TensorView) -> String { constants[view.constant].name }
}
