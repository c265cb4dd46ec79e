// livegen in Processing: keys a w s e d f t g y h u j k play, livegen answers; each note is a ring. Needs the library oscP5.
import netP5.*;
import oscP5.*;

OscP5 osc;
NetAddress livegen = new NetAddress("127.0.0.1", 7331);
ArrayList<float[]> rings = new ArrayList<float[]>();  // pitch, velocity, when it began (ms), seconds, 1 for livegen's
String turn = "performer";
final String KEYS = "awsedftgyhujk";
boolean[] held = new boolean[KEYS.length()];  // a held key repeats

void setup() {
  size(900, 400);
  osc = new OscP5(this, 7332);  // the port to which livegen sends from the start
}

void draw() {
  if (frameCount % 1800 == 1) osc.send(new OscMessage("/livegen/listen").add(7332), livegen);
  background(16);
  text(turn + " plays    SPACE panic    1-7 modes", 12, 24);
  noFill();
  synchronized (rings) {
    for (int i = rings.size() - 1; i >= 0; i--) {
      float[] ring = rings.get(i);
      float age = (millis() - ring[2]) / 1000;
      if (age > ring[3] + 1) { rings.remove(i); continue; }
      stroke(ring[4] == 1 ? color(255, 170, 60) : color(90, 170, 255), 255 * (1 - age / (ring[3] + 1)));
      circle(map(ring[0], 36, 96, 0, width), height / 2, ring[1] * (0.3 + age));
    }
  }
}

void note(int pitch, int velocity) {
  osc.send(new OscMessage("/livegen/note").add(pitch).add(velocity), livegen);
}

void keyPressed() {
  int step = KEYS.indexOf(key);
  if (step >= 0 && !held[step]) {
    held[step] = true;
    note(60 + step, 90);
    synchronized (rings) { rings.add(new float[] {60 + step, 90, millis(), 0.3, 0}); }
  }
  if (key >= '1' && key <= '7') osc.send(new OscMessage("/livegen/mode").add(key - '0'), livegen);
  if (key == ' ') osc.send(new OscMessage("/livegen/panic"), livegen);
}

void keyReleased() {
  int step = KEYS.indexOf(key);
  if (step >= 0) {
    held[step] = false;
    note(60 + step, 0);
  }
}

void oscEvent(OscMessage message) {
  if (message.checkAddrPattern("/livegen/out/note")) {
    synchronized (rings) {
      rings.add(new float[] {message.get(1).intValue(), message.get(2).intValue(), millis(), message.get(3).floatValue(), 1});
    }
  }
  if (message.checkAddrPattern("/livegen/out/turn")) turn = message.get(0).stringValue();
  if (message.checkAddrPattern("/livegen/error")) println(message.get(1).stringValue());
}
