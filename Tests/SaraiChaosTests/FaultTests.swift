import Foundation
import Testing

@testable import SaraiChaos

@Suite("The grammar of faults")
struct FaultTests {
    /// A text, the same as JSON, and what both mean.
    private static let samples: [(String, String, Fault)] = [
        ("reset", #"{"fault":"reset"}"#, Fault(.reset)),
        ("reset,after_bytes=200", #"{"fault":"reset","after_bytes":200}"#, Fault(.reset, at: .afterBytes(200))),
        ("close,after_lines=3", #"{"fault":"close","after_lines":3}"#, Fault(.close, at: .afterLines(3))),
        (
            "half_close,after_content=3,plus_bytes=7", #"{"fault":"half_close","after_content":3,"plus_bytes":7}"#,
            Fault(.halfClose, at: .afterContent(3, plusBytes: 7))
        ),
        ("stall,when=after_headers", #"{"fault":"stall","when":"after_headers"}"#, Fault(.stall, at: .afterHeaders)),
        (
            "black_hole,when=accept,times=2", #"{"fault":"black_hole","when":"accept","times":2}"#,
            Fault(.blackHole, at: .accept, filter: RequestFilter(times: 2))
        ),
        (
            "garbage,when=at_end,path=/api/chat,all=true,every=2,probability=0.5",
            #"{"fault":"garbage","when":"at_end","path":"/api/chat","all":true,"every":2,"probability":0.5}"#,
            Fault(
                .garbage, at: .atEnd,
                filter: RequestFilter(path: "/api/chat", includesAllMethods: true, every: 2, probability: 0.5))
        ),
        (
            "latency,ms=200,jitter=50", #"{"fault":"latency","ms":200,"jitter":50}"#,
            Fault(.latency(milliseconds: 200, jitter: 50))
        ),
        (
            "bandwidth,bytes_per_second=1000", #"{"fault":"bandwidth","bytes_per_second":1000}"#,
            Fault(.bandwidth(bytesPerSecond: 1000))
        ),
        ("slow_loris,ms=5", #"{"fault":"slow_loris","ms":5}"#, Fault(.slowLoris(milliseconds: 5))),
        ("split,when=accept", #"{"fault":"split","when":"accept"}"#, Fault(.split, at: .accept)),
        ("coalesce,ms=100", #"{"fault":"coalesce","ms":100}"#, Fault(.coalesce(milliseconds: 100))),
        (
            "flip,when=before_last_line,offset=4", #"{"fault":"flip","when":"before_last_line","offset":4}"#,
            Fault(.flip(offset: 4), at: .beforeLastLine)
        ),
        (
            #"status,code=503,retry_after=2,body={"error":"a,b=c"}"#,
            #"{"fault":"status","code":503,"retry_after":2,"body":"{\"error\":\"a,b=c\"}"}"#,
            Fault(.status(CannedAnswer(code: 503, retryAfter: 2, body: #"{"error":"a,b=c"}"#)), at: .request)
        ),
        ("refuse", #"{"fault":"refuse"}"#, Fault(.refuse, at: .accept)),
        ("unreachable", #"{"fault":"unreachable"}"#, Fault(.unreachable, at: .accept)),
    ]

    @Test(arguments: samples)
    func textAndJSONMeanTheSame(text: String, json: String, fault: Fault) throws {
        #expect(try Fault(text: text) == fault)
        #expect(try JSONDecoder().decode(Fault.self, from: Data(json.utf8)) == fault)
        #expect(try JSONDecoder().decode(Fault.self, from: JSONEncoder().encode(fault)) == fault)
    }

    @Test(arguments: [
        ("", "a fault needs its name: 'fault'"),
        ("ms=3", "a fault needs its name: 'fault'"),
        ("resett", "there is no fault 'resett'"),
        ("reset,after_bytes", "'after_bytes' in 'reset,after_bytes' is not key=value"),
        ("reset,after_bytes=1,after_bytes=2", "'after_bytes' comes twice in 'reset,after_bytes=1,after_bytes=2'"),
        ("reset,after_bytes=-1", "'after_bytes' must be a whole number, 0 or more"),
        ("reset,when=after_bytes", "there is no when=after_bytes"),
        ("reset,when=at_end,after_lines=1", "a fault has one trigger, not 'when' and 'after_lines'"),
        ("reset,plus_bytes=1", "'reset' has no 'plus_bytes'"),
        ("reset,when=accept,path=/x", "'reset' has no 'path'"),
        ("reset,every=0", "'every' must be a whole number, 1 or more"),
        ("reset,probability=1.5", "'probability' must be a number from 0 to 1"),
        ("reset,all=yes", "'all' must be true or false"),
        ("latency", "'latency' needs 'ms'"),
        ("latency,ms=1,when=request", "'latency' changes the response: when=request is too early"),
        ("status,code=503,when=accept", "'status' has no trigger other than when=request"),
        ("status,code=99", "'code' must be a whole number, 200 or more"),
        ("refuse,times=1", "'refuse' has no 'times'"),
    ])
    func mistakesAreNamed(text: String, message: String) {
        let error = #expect(throws: FaultError.self) { try Fault(text: text) }
        #expect(error?.description == message)
    }
}
