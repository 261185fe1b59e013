package import SwiftletCheckpoint
import SwiftletKernelCore
import SwiftletRuntime
import SwiftletSystem

/// Which parameters of a model are trained, and where new ones begin.
package struct TrainingSetup: Sendable {
  /// Writes the initial values of a parameter, in the order of a checkpoint.
  package typealias Initializer =
    @Sendable (_ parameter: Parameter, _ values: UnsafeMutableBufferPointer<Float>) -> Void

  let trains: @Sendable (Parameter) -> Bool
  /// Parameters that get new values although the checkpoint may have them.
  let isNew: @Sendable (Parameter) -> Bool
  let initialize: Initializer

  /// Selects the parameters that are trained and those that are new.
  ///
  /// - Parameters:
  ///   - trains: whether a parameter changes; query, key and value of a layer must agree.
  ///   - isNew: whether a parameter of the head gets new values although the checkpoint has some.
  ///   - initialize: writes new values.
  package init(
    trains: @escaping @Sendable (Parameter) -> Bool = { _ in true },
    isNew: @escaping @Sendable (Parameter) -> Bool = { _ in false },
    initialize: @escaping Initializer
  ) {
    self.trains = trains
    self.isNew = isNew
    self.initialize = initialize
  }

  func newNames(_ head: [Parameter], in checkpoint: CheckpointReader) -> Set<String> {
    Self.newNames(head, in: checkpoint, isNew: isNew)
  }

  /// The names of those parameters of a head that get new values: the checkpoint lacks them, or `isNew`
  /// replaces them.
  package static func newNames(
    _ head: [Parameter], in checkpoint: CheckpointReader, isNew: (Parameter) -> Bool
  ) -> Set<String> {
    Set(
      head.filter { parameter in
        let names = [parameter.name] + (parameter.tiedTo.map { [$0] } ?? [])
        return isNew(parameter) || names.allSatisfy { checkpoint.resolvedName($0) == nil }
      }.map(\.name))
  }
}

/// Collects the tensors of a model while it is loaded for training.
final class TrainedTensors {
  let setup: TrainingSetup
  /// The precision of the products in the body's layers.
  let precision: Precision
  /// The names of parameters that are not read, but get new values.
  let new: Set<String>
  private(set) var all: [TrainedTensor] = []
  private(set) var linears: [Linear] = []
  private(set) var tied: [TiedLayer] = []
  /// Bytes of frozen tables that are read in the memory of the checkpoint.
  var viewedBytes = 0
  private var tables: [String: (values: Matrix<Float>, gradient: TableGradient)] = [:]

  /// The parameters of `head` may be new; the checkpoint must have all others.
  init(
    _ setup: TrainingSetup, _ precision: Precision, head: [Parameter],
    of checkpoint: CheckpointReader
  ) {
    self.setup = setup
    self.precision = precision
    new = setup.newNames(head, in: checkpoint)
  }

  /// Makes an array trainable; returns the memory of its gradient, nil if it is frozen.
  func add(
    _ parameters: [Parameter], _ values: UnsafeMutablePointer<Float>, count: Int,
    layout: TrainedTensor.Layout = .rows, touched: TouchedRows? = nil, in storage: WeightStorage
  ) throws(MemoryError) -> UnsafeMutablePointer<Float>? {
    guard let first = parameters.first, setup.trains(first) else { return nil }
    let gradients = try storage.allocate(count)
    all.append(
      TrainedTensor(
        parameters: parameters, values: values, gradients: gradients, count: count,
        layout: layout, touched: touched))
    return gradients
  }

  func remember(_ linear: Linear) { linears.append(linear) }

  func remember(_ layer: TiedLayer) { tied.append(layer) }

  func remember(_ table: String, _ values: Matrix<Float>, _ gradient: TableGradient) {
    tables[table] = (values, gradient)
  }

  func table(_ name: String) -> (values: Matrix<Float>, gradient: TableGradient)? { tables[name] }
}

/// A layer whose weights are a table at the same time.
///
/// It sums its gradient separately: within the table's, the order of its sums and of the lookups' would
/// depend on how a step is divided into passes.
struct TiedLayer {
  let layer: Linear
  let table: Matrix<Float>
  let gradient: Matrix<Float>
  let target: TableGradient
}
