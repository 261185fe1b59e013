import SwiftletJSON

/// Lends a reader over `bytes` to `body`.
func read<Result>(
  _ bytes: [UInt8],
  depthLimit: Int = 64,
  _ body: (inout JSONReader) throws(JSONError) -> Result
) throws(JSONError) -> Result {
  try bytes.withUnsafeBufferPointer { (bytes) throws(JSONError) in
    var reader = try JSONReader(bytes, depthLimit: depthLimit)
    return try body(&reader)
  }
}

/// Lends a reader over `text` to `body`.
func read<Result>(
  _ text: String,
  depthLimit: Int = 64,
  _ body: (inout JSONReader) throws(JSONError) -> Result
) throws(JSONError) -> Result {
  try read([UInt8](text.utf8), depthLimit: depthLimit, body)
}

/// Passes over one whole document.
func check(_ bytes: [UInt8], depthLimit: Int = 64) throws(JSONError) {
  try read(bytes, depthLimit: depthLimit) { (reader) throws(JSONError) in
    try reader.skipValue()
    try reader.finish()
  }
}

func check(_ text: String, depthLimit: Int = 64) throws(JSONError) {
  try check([UInt8](text.utf8), depthLimit: depthLimit)
}

/// The error that passing over the document gives; nil if it is valid.
func failure(_ bytes: [UInt8], depthLimit: Int = 64) -> JSONError? {
  do throws(JSONError) {
    try check(bytes, depthLimit: depthLimit)
    return nil
  } catch {
    return error
  }
}

func failure(_ text: String, depthLimit: Int = 64) -> JSONError? {
  failure([UInt8](text.utf8), depthLimit: depthLimit)
}
