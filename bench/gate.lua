-- Cycles through the requests of a file (REQUESTS, parted by NUL bytes) and prints the figures on one line that a program reads.

local requests, count, turn = {}, 0, 0

function init(arguments)
  local stream = assert(io.open(os.getenv("REQUESTS"), "rb"))
  local text = stream:read("*a")
  stream:close()
  local start = 1
  while true do
    local stop = text:find("\0", start, true)
    count = count + 1
    requests[count] = text:sub(start, (stop or #text + 1) - 1)
    if not stop then break end
    start = stop + 1
  end
end

function request()
  turn = turn % count + 1
  return requests[turn]
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format("FIGURES %d %d %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), latency:percentile(99.9), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
