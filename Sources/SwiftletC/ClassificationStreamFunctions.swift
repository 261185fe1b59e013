public import CSwiftlet
import Swiftlet

/// Classifies a stream of texts.
@c @implementation
public func swiftlet_classify_stream(
  _ classifier: OpaquePointer?, _ source: swiftlet_text_source?,
  _ sink: swiftlet_classification_sink?, _ context: UnsafeMutableRawPointer?, _ batchSize: Int,
  _ options: UnsafePointer<swiftlet_classification_options>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    let loaded = try HandleTable.shared.object(
      classifier, LoadedClassifier.self, name: "classifier")
    let call = try ClassificationCall(options, labelCount: loaded.labels.count)
    guard let source else { throw .argument("source is NULL; pass a function") }
    guard let sink else { throw .argument("sink is NULL; pass a function") }
    guard (0...BatchStream.maxBatchSize).contains(batchSize) else {
      throw .argument(
        "batch_size is \(UInt(bitPattern: batchSize)); it must be at most "
          + "\(BatchStream.maxBatchSize)")
    }
    var stream = BatchStream(
      classifier: loaded.classifier, call: call, source: source, sink: sink, context: context,
      batchSize: batchSize == 0 ? BatchStream.usualBatchSize : batchSize)
    try stream.run()
  }
}

/// Computes the temperature that fits labelled logits best.
@c @implementation
public func swiftlet_fit_temperature(
  _ logits: UnsafePointer<Float>?, _ labels: UnsafePointer<Int>?, _ count: Int,
  _ labelCount: Int, _ temperature: UnsafeMutablePointer<Float>?,
  _ error: UnsafeMutablePointer<OpaquePointer?>?
) -> swiftlet_status {
  ErrorRecord.report(to: error) { () throws(Failure) in
    guard let temperature else { throw .argument("temperature is NULL; pass an address") }
    try InputText.check(count: count, hasAddress: logits != nil, name: "logits")
    try InputText.check(count: count, hasAddress: labels != nil, name: "labels")
    // The product of two such numbers can't overflow.
    guard (1...1 << 20).contains(labelCount) else {
      throw .argument(
        "label_count is \(UInt(bitPattern: labelCount)); it must be between 1 and \(1 << 20)")
    }
    let all = UnsafeBufferPointer(start: logits, count: count * labelCount)
    let rows = (0..<count).map { Array(all[$0 * labelCount..<($0 + 1) * labelCount]) }
    let indices = Array(UnsafeBufferPointer(start: labels, count: count))
    temperature.pointee = try Failure.converting { () throws(SwiftletError) in
      try Calibration.temperature(logits: rows, labels: indices)
    }
  }
}
