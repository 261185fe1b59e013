/// A search along one direction for a step that satisfies the strong Wolfe conditions.
///
/// Nocedal and Wright, algorithms 3.5 (bracketing) and 3.6 (zoom), with cubic interpolation.
struct LineSearch {
  struct Step {
    fileprivate(set) var length = 0.0
    fileprivate(set) var value: Double
    /// The derivative along the direction.
    fileprivate(set) var slope: Double
    fileprivate(set) var point: [Double]
    fileprivate(set) var gradient: [Double]
  }

  private let start: Step
  private let direction: [Double]
  private let function: LBFGS.Function

  private static let decrease = 1e-4
  private static let curvature = 0.9
  private static let trialLimit = 40

  init(
    _ point: [Double], _ value: Double, _ gradient: [Double], _ direction: [Double],
    _ function: @escaping LBFGS.Function
  ) {
    start = Step(
      value: value, slope: Vector.dot(gradient, direction), point: point, gradient: gradient)
    self.direction = direction
    self.function = function
  }

  /// Returns a step; nil if rounding hides every decrease.
  func step(from first: Double) -> Step? {
    var previous = start
    var length = first
    for trial in 0..<Self.trialLimit {
      let next = evaluate(length)
      if !decreases(next) || trial > 0 && next.value >= previous.value {
        return zoom(previous, next)
      }
      if flattens(next) { return next }
      if next.slope >= 0 { return zoom(next, previous) }
      previous = next
      length *= 2
    }
    // The function falls as far as the search looks.
    return previous
  }

  /// Shrinks an interval whose end `low` has the smallest value so far.
  private func zoom(_ low: Step, _ high: Step) -> Step? {
    var (low, high) = (low, high)
    for _ in 0..<Self.trialLimit {
      let next = evaluate(Self.interpolated(low, high))
      if !decreases(next) || next.value >= low.value {
        high = next
      } else {
        if flattens(next) { return next }
        if next.slope * (high.length - low.length) >= 0 { high = low }
        low = next
      }
      if abs(high.length - low.length) <= 1e-16 * max(low.length, high.length) { break }
    }
    return low.length > 0 && low.value < start.value ? low : nil
  }

  /// NaN counts as no decrease, so that a step that is too long is shortened.
  private func decreases(_ step: Step) -> Bool {
    step.value <= start.value + Self.decrease * step.length * start.slope
  }

  private func flattens(_ step: Step) -> Bool {
    abs(step.slope) <= -Self.curvature * start.slope
  }

  private func evaluate(_ length: Double) -> Step {
    var step = start
    step.length = length
    Vector.add(length, direction, to: &step.point)
    step.value = function(step.point, &step.gradient)
    step.slope = Vector.dot(step.gradient, direction)
    return step
  }

  /// The minimum of the cubic through both ends, kept away from them; the middle if the cubic has no minimum.
  private static func interpolated(_ low: Step, _ high: Step) -> Double {
    let width = high.length - low.length
    let middle = low.length + 0.5 * width
    let sum = low.slope + high.slope - 3 * (high.value - low.value) / width
    let discriminant = sum * sum - low.slope * high.slope
    guard discriminant >= 0, width != 0 else { return middle }
    let root = discriminant.squareRoot() * (width > 0 ? 1 : -1)
    let cubic =
      high.length - width * (high.slope + root - sum) / (high.slope - low.slope + 2 * root)
    guard cubic.isFinite else { return middle }
    let share = (cubic - low.length) / width
    return low.length + min(max(share, 0.1), 0.9) * width
  }
}
