#if Server
/// The schemas of all bodies, in JSON Schema as OpenAPI 3.1 has it.
enum OpenAPISchemas {
  /// What `components.schemas` holds. Every route ignores fields that are not named, except
  /// parameters of the Hub's pipelines, which it refuses.
  static let all: [(name: String, schema: String)] = [
    ("PredictRequest", predictRequest), ("RerankRequest", rerankRequest),
    ("EmbedRequest", embedRequest), ("SimilarityRequest", similarityRequest),
    ("OpenAIEmbeddingsRequest", openAIEmbeddingsRequest), ("TokenizeRequest", tokenizeRequest),
    ("DecodeRequest", decodeRequest), ("TruncationDirection", truncationDirection),
    ("EmbedInputs", embedInputs), ("TokenIDs", tokenIDs), ("Predictions", predictions),
    ("PredictResponse", predictResponse), ("RerankResponse", rerankResponse),
    ("EmbedResponse", embedResponse), ("EmbedAllResponse", embedAllResponse),
    ("SimilarityResponse", similarityResponse),
    ("OpenAIEmbeddingsResponse", openAIEmbeddingsResponse),
    ("TokenizeResponse", tokenizeResponse), ("DecodeResponse", decodeResponse),
    ("OpenAIModel", openAIModel), ("OpenAIModels", openAIModels), ("Info", info),
    ("Document", #"{"type":"object"}"#), ("Error", error),
    ("OpenAIError", openAIError),
  ]

  // MARK: Requests

  private static let truncation = #"""
    "truncate":{"type":["boolean","null"],"description":"Whether long inputs are cut; as the server has it by default"},"truncation_direction":{"$ref":"#/components/schemas/TruncationDirection"}
    """#

  private static let predictRequest = #"""
    {"type":"object","required":["inputs"],"properties":{"inputs":{"description":"A text, a list of one text or of a pair, or a batch: a list of such lists","oneOf":[{"type":"string"},{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":2},{"type":"array","minItems":1,"items":{"type":"array","items":{"type":"string"},"minItems":1,"maxItems":2}}]},"parameters":{"type":["object","null"],"description":"The options again, where the Hub's clients put them; no other name is taken","properties":{\#(predictOptions)}},\#(predictOptions)}}
    """#

  private static let predictOptions = #"""
    "raw_scores":{"type":["boolean","null"],"default":false,"description":"Logits instead of probabilities"},"function_to_apply":{"type":["string","null"],"enum":["sigmoid","softmax","none",null],"description":"What is made of the logits; by default what the model's scores are"},"top_k":{"type":["integer","null"],"minimum":1,"maximum":2147483647,"description":"How many labels an answer has, the best; all by default"},\#(truncation)
    """#

  private static let rerankRequest = #"""
    {"type":"object","required":["query","texts"],"properties":{"query":{"type":"string"},"texts":{"type":"array","minItems":1,"items":{"type":"string"}},"raw_scores":{"type":["boolean","null"],"default":false,"description":"Logits instead of probabilities"},"return_text":{"type":["boolean","null"],"default":false},\#(truncation)}}
    """#

  private static let embedRequest = #"""
    {"type":"object","required":["inputs"],"properties":{"inputs":{"$ref":"#/components/schemas/EmbedInputs"},"parameters":{"type":["object","null"],"description":"The options again, where the Hub's clients put them; no other name is taken","properties":{\#(embedOptions)}},\#(embedOptions)}}
    """#

  private static let embedOptions = #"""
    "normalize":{"type":["boolean","null"],"description":"Whether rows get the length 1; by default /embed does it and /embed_all does not"},"dimensions":{"type":["integer","null"],"minimum":1,"description":"How many numbers of a row are kept, before it is normalised"},"prompt_name":{"type":["string","null"]},\#(truncation)
    """#

  private static let similarityRequest = #"""
    {"type":"object","required":["inputs"],"properties":{"inputs":{"type":"object","required":["source_sentence","sentences"],"properties":{"source_sentence":{"type":"string"},"sentences":{"type":"array","minItems":1,"items":{"type":"string"}}}},"parameters":{"type":["object","null"],"description":"The options again, where the Hub's clients put them; no other name is taken","properties":{\#(similarityOptions)}},\#(similarityOptions)}}
    """#

  private static let similarityOptions = #"""
    "prompt_name":{"type":["string","null"]},\#(truncation)
    """#

  private static let openAIEmbeddingsRequest = #"""
    {"type":"object","required":["input"],"properties":{"input":{"$ref":"#/components/schemas/EmbedInputs"},"model":{"type":["string","null"]},"user":{"type":["string","null"]},"encoding_format":{"type":["string","null"],"enum":["float","base64",null],"default":"float"},"dimensions":{"type":["integer","null"],"minimum":1}}}
    """#

  private static let tokenizeRequest = #"""
    {"type":"object","required":["inputs"],"properties":{"inputs":{"oneOf":[{"type":"string"},{"type":"array","minItems":1,"items":{"type":"string"}}]},"add_special_tokens":{"type":["boolean","null"],"default":true},"prompt_name":{"type":["string","null"]}}}
    """#

  private static let decodeRequest = #"""
    {"type":"object","required":["ids"],"properties":{"ids":{"oneOf":[{"$ref":"#/components/schemas/TokenIDs"},{"type":"array","minItems":1,"items":{"$ref":"#/components/schemas/TokenIDs"}}]},"skip_special_tokens":{"type":["boolean","null"],"default":true}}}
    """#

  private static let truncationDirection = #"""
    {"type":["string","null"],"enum":["Left","left","Right","right",null],"default":"Right","description":"At which end inputs are cut"}
    """#

  private static let embedInputs = #"""
    {"description":"A text, the ids of a text's tokens, or a list of such","oneOf":[{"type":"string"},{"$ref":"#/components/schemas/TokenIDs"},{"type":"array","minItems":1,"items":{"oneOf":[{"type":"string"},{"$ref":"#/components/schemas/TokenIDs"}]}}]}
    """#

  private static let tokenIDs = #"""
    {"type":"array","items":{"type":"integer","minimum":0,"maximum":2147483647},"minItems":1}
    """#

  // MARK: Responses

  private static let predictions = #"""
    {"type":"array","description":"All labels, the best first","items":{"type":"object","required":["score","label"],"properties":{"score":{"type":"number"},"label":{"type":"string"}}}}
    """#

  private static let predictResponse = #"""
    {"oneOf":[{"$ref":"#/components/schemas/Predictions"},{"type":"array","description":"For a batch","items":{"$ref":"#/components/schemas/Predictions"}}]}
    """#

  private static let rerankResponse = #"""
    {"type":"array","description":"The best text first","items":{"type":"object","required":["index","score"],"properties":{"index":{"type":"integer"},"text":{"type":"string"},"score":{"type":"number"}}}}
    """#

  private static let embedResponse = #"""
    {"type":"array","items":{"type":"array","items":{"type":"number"}}}
    """#

  private static let embedAllResponse = #"""
    {"type":"array","items":{"type":"array","description":"One row for each token","items":{"type":"array","items":{"type":"number"}}}}
    """#

  private static let similarityResponse = #"""
    {"type":"array","description":"Cosines","items":{"type":"number"}}
    """#

  private static let openAIEmbeddingsResponse = #"""
    {"type":"object","required":["object","data","model","usage"],"properties":{"object":{"type":"string","enum":["list"]},"data":{"type":"array","items":{"type":"object","required":["object","embedding","index"],"properties":{"object":{"type":"string","enum":["embedding"]},"embedding":{"oneOf":[{"type":"array","items":{"type":"number"}},{"type":"string","description":"Base64 of little-endian floats"}]},"index":{"type":"integer"}}}},"model":{"type":"string"},"usage":{"type":"object","required":["prompt_tokens","total_tokens"],"properties":{"prompt_tokens":{"type":"integer"},"total_tokens":{"type":"integer"}}}}}
    """#

  private static let openAIModel = #"""
    {"type":"object","required":["id","object","created","owned_by"],"properties":{"id":{"type":"string"},"object":{"type":"string","enum":["model"]},"created":{"type":"integer","description":"When the model was loaded, in seconds since 1970"},"owned_by":{"type":"string"}}}
    """#

  private static let openAIModels = #"""
    {"type":"object","required":["object","data"],"properties":{"object":{"type":"string","enum":["list"]},"data":{"type":"array","items":{"$ref":"#/components/schemas/OpenAIModel"}}}}
    """#

  private static let tokenizeResponse = #"""
    {"type":"array","items":{"type":"array","items":{"type":"object","required":["id","text","special","start","stop"],"properties":{"id":{"type":"integer"},"text":{"type":"string"},"special":{"type":"boolean"},"start":{"type":["integer","null"],"description":"In bytes of the text's UTF-8"},"stop":{"type":["integer","null"]}}}}}
    """#

  private static let decodeResponse = #"""
    {"type":"array","items":{"type":"string"}}
    """#

  private static let labels = #"""
    {"type":"object","required":["id2label","label2id"],"properties":{"id2label":{"type":"object","additionalProperties":{"type":"string"}},"label2id":{"type":"object","additionalProperties":{"type":"integer"}}}}
    """#

  private static let info = #"""
    {"type":"object","required":["model_id","model_sha","model_dtype","served_model_name","model_type","max_concurrent_requests","max_input_length","max_batch_tokens","max_batch_requests","max_client_batch_size","auto_truncate","tokenization_workers","version","sha","docker_label"],"properties":{"model_id":{"type":"string"},"model_sha":{"type":["string","null"]},"model_dtype":{"type":"string"},"served_model_name":{"type":"string"},"model_type":{"type":"object","properties":{"classifier":\#(labels),"reranker":\#(labels),"embedding":{"type":"object","required":["pooling"],"properties":{"pooling":{"type":"string"}}}}},"max_concurrent_requests":{"type":"integer"},"max_input_length":{"type":"integer"},"max_batch_tokens":{"type":"integer"},"max_batch_requests":{"type":["integer","null"]},"max_client_batch_size":{"type":"integer"},"auto_truncate":{"type":"boolean"},"tokenization_workers":{"type":"integer"},"version":{"type":"string"},"sha":{"type":["string","null"]},"docker_label":{"type":["string","null"]}}}
    """#

  private static let error: String = {
    let types = ErrorType.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
    return #"""
      {"type":"object","required":["error","error_type"],"properties":{"error":{"type":"string"},"error_type":{"type":"string","enum":[\#(types)]}}}
      """#
  }()

  private static let openAIError = #"""
    {"type":"object","required":["message","code","type"],"properties":{"message":{"type":"string"},"code":{"type":"integer"},"type":{"type":"string"}}}
    """#
}
#endif
