-- Ardour 7 without a window, and with livegen: a track with a synth of its own hears and records what livegen plays, and
-- Ardour's MIDI clock tells livegen the tempo.
--
--   livegen jam --mode autonomous --tempo 90 &      # on JACK
--   SESSION=/tmp/take SECONDS_LONG=20 ardour7-lua examples/daw/ardour.lua
--
-- Environment: SESSION is a folder that is not there yet. The take ends after SECONDS_LONG, or when a file STOP is there.
-- FROM and TO are livegen's ports in JACK. READY, if given, is a file that is made when the transport rolls.

local function given(name, otherwise)
  local value = os.getenv(name)
  return (value ~= nil and value ~= "") and value or otherwise
end

local from = given("FROM", "livegen:livegen out")
local to = given("TO", "livegen:livegen in")
local folder = given("SESSION", nil)
assert(folder, "SESSION must name a folder that is not there yet")

local function exists(path)
  local file = path and io.open(path)
  if file then file:close() end
  return file ~= nil
end

AudioEngine:set_backend("JACK", "ardour", "")
local session = create_session(folder, "take", 48000)
assert(session, "no session: is JACK running, and " .. folder .. " not there yet?")

-- A MIDI track with the synth that Ardour brings along.
local synth = ARDOUR.LuaAPI.new_plugin_info("https://community.ardour.org/node/7596", ARDOUR.PluginType.LV2)
local one_midi = ARDOUR.ChanCount(ARDOUR.DataType("midi"), 1)
local stereo = ARDOUR.ChanCount(ARDOUR.DataType("audio"), 2)
local tracks = session:new_midi_track(one_midi, stereo, true, synth, nil, nil, 1, "livegen",
  ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
for track in tracks:iter() do
  if track:input():midi(0):connect(from) ~= 0 then print("cannot connect " .. from) end
  track:rec_enable_control():set_value(1, PBD.GroupControlDisposition.NoGroup)
  track:monitoring_control():set_value(1, PBD.GroupControlDisposition.NoGroup)
end
session:maybe_enable_record(false)
ARDOUR.LuaAPI.usleep(300000)

-- The clock's port is only there for good once the session is made.
ARDOUR.config():set_send_midi_clock(true)
os.execute("jack_connect 'ardour:MIDI Clock out' '" .. to .. "'")

session:request_roll(ARDOUR.TransportRequestSource.TRS_UI)
ARDOUR.LuaAPI.usleep(200000)
if os.getenv("READY") then io.open(os.getenv("READY"), "w"):close() end
for _ = 1, 10 * tonumber(given("SECONDS_LONG", "60")) do
  ARDOUR.LuaAPI.usleep(100000)
  if exists(os.getenv("STOP")) then break end
end
session:request_stop(false, false, ARDOUR.TransportRequestSource.TRS_UI)
ARDOUR.LuaAPI.usleep(800000)
session:save_state("", false, false, false, false, false)
close_session()
quit()
