import CSwiftlet
import SwiftletEncoder
import SwiftletJSON
import SwiftletTraining

/// Passes events to a function of the caller, which may cancel the training.
final class TrainingEvents {
  let cancellation = Cancellation()
  /// The metric that selects the best weights, known once the training is planned.
  private(set) var metric: Metric?
  private let sink: swiftlet_event_sink?
  private let context: UnsafeMutableRawPointer?
  private var lastPassed = ContinuousClock.now

  init(_ sink: swiftlet_event_sink?, context: UnsafeMutableRawPointer?) {
    self.sink = sink
    self.context = context
  }

  /// Passes an event of the training. A step is passed if the program logs it, or if a second has passed
  /// without an event, so that the caller can cancel soon.
  func report(_ event: TrainingEvent) {
    switch event {
    case .planned(let plan): metric = plan.metric
    case .step(let step) where !step.isLogged && step.step != step.totalSteps:
      if ContinuousClock.now - lastPassed < .seconds(1) { return }
    default: break
    }
    pass(event.json)
  }

  /// Passes an event unless the caller has cancelled.
  func pass(_ event: JSONValue) {
    guard let sink, !cancellation.isCancelled else { return }
    let text = event.json.map { CChar(bitPattern: $0) } + [0]
    let status = text.withUnsafeBufferPointer { sink(context, $0.baseAddress, $0.count - 1) }
    if status != 0 { cancellation.cancel() }
    lastPassed = .now
  }
}
