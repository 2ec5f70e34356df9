-- Cycles through the requests of a file (REQUESTS, parted by NUL bytes) and prints the figures on one line that a program reads.
-- With FRESH set, each has a target that was never asked for before.

local requests, rests, count, turn, cycle = {}, {}, 0, 0, os.time()
local fresh, behind = os.getenv("FRESH"), "\r\nX-Original-Method"

function init(arguments)
  local stream = assert(io.open(os.getenv("REQUESTS"), "rb"))
  local text = stream:read("*a")
  stream:close()
  local start = 1
  while true do
    local stop = text:find("\0", start, true)
    count = count + 1
    requests[count] = text:sub(start, (stop or #text + 1) - 1)
    if fresh then
      local cut = requests[count]:find(behind, 1, true)
      requests[count], rests[count] = requests[count]:sub(1, cut - 1), requests[count]:sub(cut)
    end
    if not stop then break end
    start = stop + 1
  end
end

function request()
  turn = turn % count + 1
  if not fresh then return requests[turn] end
  if turn == 1 then cycle = cycle + 1 end
  return requests[turn] .. "&n=" .. cycle .. rests[turn]
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format("FIGURES %d %d %d %d %d %d %d", summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), latency:percentile(99.9), errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
