// Generated from deviceplugin.proto by scripts/gen-codecs.ts. Do not edit.
/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

const $root = $protobuf.roots["v1beta1"] || ($protobuf.roots["v1beta1"] = {});

export const v1beta1 = $root.v1beta1 = (() => {

const v1beta1 = {};

v1beta1.Empty = (function() {

const Empty = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Empty.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Empty.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.Empty();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Empty;
})();

v1beta1.DevicePluginOptions = (function() {

const DevicePluginOptions = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

DevicePluginOptions.prototype.preStartRequired = false;
DevicePluginOptions.prototype.getPreferredAllocationAvailable = false;

DevicePluginOptions.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.preStartRequired != null && $Object.hasOwnProperty.call(m, "preStartRequired") && m.preStartRequired !== false)
w.uint32(8).bool(m.preStartRequired);
if (m.getPreferredAllocationAvailable != null && $Object.hasOwnProperty.call(m, "getPreferredAllocationAvailable") && m.getPreferredAllocationAvailable !== false)
w.uint32(16).bool(m.getPreferredAllocationAvailable);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

DevicePluginOptions.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.DevicePluginOptions();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (v = r.bool())
m.preStartRequired = v;
else
delete m.preStartRequired;
continue;
}
case 2: {
if (u !== 0)
break;
if (v = r.bool())
m.getPreferredAllocationAvailable = v;
else
delete m.getPreferredAllocationAvailable;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return DevicePluginOptions;
})();

v1beta1.RegisterRequest = (function() {

const RegisterRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

RegisterRequest.prototype.version = "";
RegisterRequest.prototype.endpoint = "";
RegisterRequest.prototype.resourceName = "";
RegisterRequest.prototype.options = null;

RegisterRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.version != null && $Object.hasOwnProperty.call(m, "version") && m.version !== "")
w.uint32(10).string(m.version);
if (m.endpoint != null && $Object.hasOwnProperty.call(m, "endpoint") && m.endpoint !== "")
w.uint32(18).string(m.endpoint);
if (m.resourceName != null && $Object.hasOwnProperty.call(m, "resourceName") && m.resourceName !== "")
w.uint32(26).string(m.resourceName);
if (m.options != null && $Object.hasOwnProperty.call(m, "options"))
$root.v1beta1.DevicePluginOptions.encode(m.options, w.uint32(34).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

RegisterRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.RegisterRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.version = v;
else
delete m.version;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.endpoint = v;
else
delete m.endpoint;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.resourceName = v;
else
delete m.resourceName;
continue;
}
case 4: {
if (u !== 2)
break;
m.options = $root.v1beta1.DevicePluginOptions.decode(r, r.size(), $undefined, q + 1, m.options);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return RegisterRequest;
})();

v1beta1.ListAndWatchResponse = (function() {

const ListAndWatchResponse = function (p) {
this.devices = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListAndWatchResponse.prototype.devices = $util.emptyArray;

ListAndWatchResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.devices != null && m.devices.length) {
for (var i = 0; i < m.devices.length; ++i)
$root.v1beta1.Device.encode(m.devices[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListAndWatchResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.ListAndWatchResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.devices && m.devices.length))
m.devices = [];
m.devices.push($root.v1beta1.Device.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ListAndWatchResponse;
})();

v1beta1.TopologyInfo = (function() {

const TopologyInfo = function (p) {
this.nodes = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

TopologyInfo.prototype.nodes = $util.emptyArray;

TopologyInfo.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.nodes != null && m.nodes.length) {
for (var i = 0; i < m.nodes.length; ++i)
$root.v1beta1.NUMANode.encode(m.nodes[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

TopologyInfo.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.TopologyInfo();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.nodes && m.nodes.length))
m.nodes = [];
m.nodes.push($root.v1beta1.NUMANode.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return TopologyInfo;
})();

v1beta1.NUMANode = (function() {

const NUMANode = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

NUMANode.prototype.ID = $util.Long ? $util.Long.fromBits(0,0,false) : 0;

NUMANode.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.ID != null && $Object.hasOwnProperty.call(m, "ID") && (typeof m.ID === "object" ? m.ID.low || m.ID.high : m.ID !== 0))
w.uint32(8).int64(m.ID);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

NUMANode.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.NUMANode();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 0)
break;
if (typeof (v = r.int64()) === "object" ? v.low || v.high : v !== 0)
m.ID = v;
else
delete m.ID;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return NUMANode;
})();

v1beta1.Device = (function() {

const Device = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Device.prototype.ID = "";
Device.prototype.health = "";
Device.prototype.topology = null;

Device.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.ID != null && $Object.hasOwnProperty.call(m, "ID") && m.ID !== "")
w.uint32(10).string(m.ID);
if (m.health != null && $Object.hasOwnProperty.call(m, "health") && m.health !== "")
w.uint32(18).string(m.health);
if (m.topology != null && $Object.hasOwnProperty.call(m, "topology"))
$root.v1beta1.TopologyInfo.encode(m.topology, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Device.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.Device();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.ID = v;
else
delete m.ID;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.health = v;
else
delete m.health;
continue;
}
case 3: {
if (u !== 2)
break;
m.topology = $root.v1beta1.TopologyInfo.decode(r, r.size(), $undefined, q + 1, m.topology);
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Device;
})();

v1beta1.PreStartContainerRequest = (function() {

const PreStartContainerRequest = function (p) {
this.devicesIds = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PreStartContainerRequest.prototype.devicesIds = $util.emptyArray;

PreStartContainerRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.devicesIds != null && m.devicesIds.length) {
for (var i = 0; i < m.devicesIds.length; ++i)
w.uint32(10).string(m.devicesIds[i]);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PreStartContainerRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.PreStartContainerRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.devicesIds && m.devicesIds.length))
m.devicesIds = [];
m.devicesIds.push(r.stringVerify());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PreStartContainerRequest;
})();

v1beta1.PreStartContainerResponse = (function() {

const PreStartContainerResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PreStartContainerResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PreStartContainerResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.PreStartContainerResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
r.skipType(t & 7, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PreStartContainerResponse;
})();

v1beta1.PreferredAllocationRequest = (function() {

const PreferredAllocationRequest = function (p) {
this.containerRequests = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PreferredAllocationRequest.prototype.containerRequests = $util.emptyArray;

PreferredAllocationRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerRequests != null && m.containerRequests.length) {
for (var i = 0; i < m.containerRequests.length; ++i)
$root.v1beta1.ContainerPreferredAllocationRequest.encode(m.containerRequests[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PreferredAllocationRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.PreferredAllocationRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.containerRequests && m.containerRequests.length))
m.containerRequests = [];
m.containerRequests.push($root.v1beta1.ContainerPreferredAllocationRequest.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PreferredAllocationRequest;
})();

v1beta1.ContainerPreferredAllocationRequest = (function() {

const ContainerPreferredAllocationRequest = function (p) {
this.availableDeviceIDs = [];
this.mustIncludeDeviceIDs = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerPreferredAllocationRequest.prototype.availableDeviceIDs = $util.emptyArray;
ContainerPreferredAllocationRequest.prototype.mustIncludeDeviceIDs = $util.emptyArray;
ContainerPreferredAllocationRequest.prototype.allocationSize = 0;

ContainerPreferredAllocationRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.availableDeviceIDs != null && m.availableDeviceIDs.length) {
for (var i = 0; i < m.availableDeviceIDs.length; ++i)
w.uint32(10).string(m.availableDeviceIDs[i]);
}
if (m.mustIncludeDeviceIDs != null && m.mustIncludeDeviceIDs.length) {
for (var i = 0; i < m.mustIncludeDeviceIDs.length; ++i)
w.uint32(18).string(m.mustIncludeDeviceIDs[i]);
}
if (m.allocationSize != null && $Object.hasOwnProperty.call(m, "allocationSize") && m.allocationSize !== 0)
w.uint32(24).int32(m.allocationSize);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerPreferredAllocationRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.ContainerPreferredAllocationRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.availableDeviceIDs && m.availableDeviceIDs.length))
m.availableDeviceIDs = [];
m.availableDeviceIDs.push(r.stringVerify());
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.mustIncludeDeviceIDs && m.mustIncludeDeviceIDs.length))
m.mustIncludeDeviceIDs = [];
m.mustIncludeDeviceIDs.push(r.stringVerify());
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.int32())
m.allocationSize = v;
else
delete m.allocationSize;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerPreferredAllocationRequest;
})();

v1beta1.PreferredAllocationResponse = (function() {

const PreferredAllocationResponse = function (p) {
this.containerResponses = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PreferredAllocationResponse.prototype.containerResponses = $util.emptyArray;

PreferredAllocationResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerResponses != null && m.containerResponses.length) {
for (var i = 0; i < m.containerResponses.length; ++i)
$root.v1beta1.ContainerPreferredAllocationResponse.encode(m.containerResponses[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PreferredAllocationResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.PreferredAllocationResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.containerResponses && m.containerResponses.length))
m.containerResponses = [];
m.containerResponses.push($root.v1beta1.ContainerPreferredAllocationResponse.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return PreferredAllocationResponse;
})();

v1beta1.ContainerPreferredAllocationResponse = (function() {

const ContainerPreferredAllocationResponse = function (p) {
this.deviceIDs = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerPreferredAllocationResponse.prototype.deviceIDs = $util.emptyArray;

ContainerPreferredAllocationResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.deviceIDs != null && m.deviceIDs.length) {
for (var i = 0; i < m.deviceIDs.length; ++i)
w.uint32(10).string(m.deviceIDs[i]);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerPreferredAllocationResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.ContainerPreferredAllocationResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.deviceIDs && m.deviceIDs.length))
m.deviceIDs = [];
m.deviceIDs.push(r.stringVerify());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerPreferredAllocationResponse;
})();

v1beta1.AllocateRequest = (function() {

const AllocateRequest = function (p) {
this.containerRequests = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

AllocateRequest.prototype.containerRequests = $util.emptyArray;

AllocateRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerRequests != null && m.containerRequests.length) {
for (var i = 0; i < m.containerRequests.length; ++i)
$root.v1beta1.ContainerAllocateRequest.encode(m.containerRequests[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

AllocateRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.AllocateRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.containerRequests && m.containerRequests.length))
m.containerRequests = [];
m.containerRequests.push($root.v1beta1.ContainerAllocateRequest.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return AllocateRequest;
})();

v1beta1.ContainerAllocateRequest = (function() {

const ContainerAllocateRequest = function (p) {
this.devicesIds = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerAllocateRequest.prototype.devicesIds = $util.emptyArray;

ContainerAllocateRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.devicesIds != null && m.devicesIds.length) {
for (var i = 0; i < m.devicesIds.length; ++i)
w.uint32(10).string(m.devicesIds[i]);
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerAllocateRequest.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.ContainerAllocateRequest();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.devicesIds && m.devicesIds.length))
m.devicesIds = [];
m.devicesIds.push(r.stringVerify());
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerAllocateRequest;
})();

v1beta1.CDIDevice = (function() {

const CDIDevice = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

CDIDevice.prototype.name = "";

CDIDevice.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

CDIDevice.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.CDIDevice();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.name = v;
else
delete m.name;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return CDIDevice;
})();

v1beta1.AllocateResponse = (function() {

const AllocateResponse = function (p) {
this.containerResponses = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

AllocateResponse.prototype.containerResponses = $util.emptyArray;

AllocateResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerResponses != null && m.containerResponses.length) {
for (var i = 0; i < m.containerResponses.length; ++i)
$root.v1beta1.ContainerAllocateResponse.encode(m.containerResponses[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

AllocateResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.AllocateResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (!(m.containerResponses && m.containerResponses.length))
m.containerResponses = [];
m.containerResponses.push($root.v1beta1.ContainerAllocateResponse.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return AllocateResponse;
})();

v1beta1.ContainerAllocateResponse = (function() {

const ContainerAllocateResponse = function (p) {
this.envs = {};
this.mounts = [];
this.devices = [];
this.annotations = {};
this.cdiDevices = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerAllocateResponse.prototype.envs = $util.emptyObject;
ContainerAllocateResponse.prototype.mounts = $util.emptyArray;
ContainerAllocateResponse.prototype.devices = $util.emptyArray;
ContainerAllocateResponse.prototype.annotations = $util.emptyObject;
ContainerAllocateResponse.prototype.cdiDevices = $util.emptyArray;

ContainerAllocateResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.envs != null && $Object.hasOwnProperty.call(m, "envs")) {
for (var ks = $Object.keys(m.envs), i = 0; i < ks.length; ++i) {
w.uint32(10).fork().uint32(10).string(ks[i]).uint32(18).string(m.envs[ks[i]]).ldelim();
}
}
if (m.mounts != null && m.mounts.length) {
for (var i = 0; i < m.mounts.length; ++i)
$root.v1beta1.Mount.encode(m.mounts[i], w.uint32(18).fork(), q + 1).ldelim();
}
if (m.devices != null && m.devices.length) {
for (var i = 0; i < m.devices.length; ++i)
$root.v1beta1.DeviceSpec.encode(m.devices[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.annotations != null && $Object.hasOwnProperty.call(m, "annotations")) {
for (var ks = $Object.keys(m.annotations), i = 0; i < ks.length; ++i) {
w.uint32(34).fork().uint32(10).string(ks[i]).uint32(18).string(m.annotations[ks[i]]).ldelim();
}
}
if (m.cdiDevices != null && m.cdiDevices.length) {
for (var i = 0; i < m.cdiDevices.length; ++i)
$root.v1beta1.CDIDevice.encode(m.cdiDevices[i], w.uint32(42).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerAllocateResponse.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, k, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.ContainerAllocateResponse();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if (m.envs === $util.emptyObject)
m.envs = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.envs, k);
m.envs[k] = v;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.mounts && m.mounts.length))
m.mounts = [];
m.mounts.push($root.v1beta1.Mount.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.devices && m.devices.length))
m.devices = [];
m.devices.push($root.v1beta1.DeviceSpec.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 4: {
if (u !== 2)
break;
if (m.annotations === $util.emptyObject)
m.annotations = {};
var c2 = r.size() + r.pos;
if (c2 > r.len)
throw $RangeError("index out of range");
r.len = c2;
k = "";
v = "";
while (r.pos < c2) {
var t2 = r.tag();
u = t2 & 7;
switch (t2 >>>= 3) {
case 1:
if (u !== 2)
break;
k = r.stringVerify();
continue;
case 2:
if (u !== 2)
break;
v = r.stringVerify();
continue;
}
r.skipType(u, q, t2);
}
if (r.pos !== c2)
throw $RangeError("index out of range");
r.len = c;
if (k === "__proto__")
$util.makeProp(m.annotations, k);
m.annotations[k] = v;
continue;
}
case 5: {
if (u !== 2)
break;
if (!(m.cdiDevices && m.cdiDevices.length))
m.cdiDevices = [];
m.cdiDevices.push($root.v1beta1.CDIDevice.decode(r, r.size(), $undefined, q + 1));
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return ContainerAllocateResponse;
})();

v1beta1.Mount = (function() {

const Mount = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

Mount.prototype.containerPath = "";
Mount.prototype.hostPath = "";
Mount.prototype.readOnly = false;

Mount.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerPath != null && $Object.hasOwnProperty.call(m, "containerPath") && m.containerPath !== "")
w.uint32(10).string(m.containerPath);
if (m.hostPath != null && $Object.hasOwnProperty.call(m, "hostPath") && m.hostPath !== "")
w.uint32(18).string(m.hostPath);
if (m.readOnly != null && $Object.hasOwnProperty.call(m, "readOnly") && m.readOnly !== false)
w.uint32(24).bool(m.readOnly);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

Mount.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.Mount();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerPath = v;
else
delete m.containerPath;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.hostPath = v;
else
delete m.hostPath;
continue;
}
case 3: {
if (u !== 0)
break;
if (v = r.bool())
m.readOnly = v;
else
delete m.readOnly;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return Mount;
})();

v1beta1.DeviceSpec = (function() {

const DeviceSpec = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

DeviceSpec.prototype.containerPath = "";
DeviceSpec.prototype.hostPath = "";
DeviceSpec.prototype.permissions = "";

DeviceSpec.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.containerPath != null && $Object.hasOwnProperty.call(m, "containerPath") && m.containerPath !== "")
w.uint32(10).string(m.containerPath);
if (m.hostPath != null && $Object.hasOwnProperty.call(m, "hostPath") && m.hostPath !== "")
w.uint32(18).string(m.hostPath);
if (m.permissions != null && $Object.hasOwnProperty.call(m, "permissions") && m.permissions !== "")
w.uint32(26).string(m.permissions);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

DeviceSpec.decode = function (r, l, z, q, g) {
if (!(r instanceof $Reader))
r = $Reader.create(r);
if (q === $undefined)
q = 0;
if (q > $Reader.recursionLimit)
throw $Error("max depth exceeded");
var c, m, v;
if (l === $undefined)
c = r.len;
else {
c = r.pos + l;
if (c > r.len)
throw $RangeError("index out of range");
l = r.len;
r.len = c;
}
m = g || new $root.v1beta1.DeviceSpec();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 1: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.containerPath = v;
else
delete m.containerPath;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.hostPath = v;
else
delete m.hostPath;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.permissions = v;
else
delete m.permissions;
continue;
}
}
r.skipType(u, q, t);
if (!r.discardUnknown) {
$util.makeProp(m, "$unknowns", false);
(m.$unknowns || (m.$unknowns = [])).push(r.raw(s, r.pos));
}
}
if (l !== $undefined) {
if (r.pos !== c)
throw $RangeError("index out of range");
r.len = l;
}
if (z !== $undefined)
throw $Error("missing end group");
return m;
};

return DeviceSpec;
})();

return v1beta1;
})();

export {
$root as default
};
export const messages = {
  Empty: $root.v1beta1.Empty,
  DevicePluginOptions: $root.v1beta1.DevicePluginOptions,
  RegisterRequest: $root.v1beta1.RegisterRequest,
  ListAndWatchResponse: $root.v1beta1.ListAndWatchResponse,
  TopologyInfo: $root.v1beta1.TopologyInfo,
  NUMANode: $root.v1beta1.NUMANode,
  Device: $root.v1beta1.Device,
  PreStartContainerRequest: $root.v1beta1.PreStartContainerRequest,
  PreStartContainerResponse: $root.v1beta1.PreStartContainerResponse,
  PreferredAllocationRequest: $root.v1beta1.PreferredAllocationRequest,
  ContainerPreferredAllocationRequest: $root.v1beta1.ContainerPreferredAllocationRequest,
  PreferredAllocationResponse: $root.v1beta1.PreferredAllocationResponse,
  ContainerPreferredAllocationResponse: $root.v1beta1.ContainerPreferredAllocationResponse,
  AllocateRequest: $root.v1beta1.AllocateRequest,
  ContainerAllocateRequest: $root.v1beta1.ContainerAllocateRequest,
  CDIDevice: $root.v1beta1.CDIDevice,
  AllocateResponse: $root.v1beta1.AllocateResponse,
  ContainerAllocateResponse: $root.v1beta1.ContainerAllocateResponse,
  Mount: $root.v1beta1.Mount,
  DeviceSpec: $root.v1beta1.DeviceSpec,
};
export const services = {
  Registration: {
  "register": {
    "path": "/v1beta1.Registration/Register",
    "request": "RegisterRequest",
    "response": "Empty",
    "requestStream": false,
    "responseStream": false
  }
},
  DevicePlugin: {
  "getDevicePluginOptions": {
    "path": "/v1beta1.DevicePlugin/GetDevicePluginOptions",
    "request": "Empty",
    "response": "DevicePluginOptions",
    "requestStream": false,
    "responseStream": false
  },
  "listAndWatch": {
    "path": "/v1beta1.DevicePlugin/ListAndWatch",
    "request": "Empty",
    "response": "ListAndWatchResponse",
    "requestStream": false,
    "responseStream": true
  },
  "getPreferredAllocation": {
    "path": "/v1beta1.DevicePlugin/GetPreferredAllocation",
    "request": "PreferredAllocationRequest",
    "response": "PreferredAllocationResponse",
    "requestStream": false,
    "responseStream": false
  },
  "allocate": {
    "path": "/v1beta1.DevicePlugin/Allocate",
    "request": "AllocateRequest",
    "response": "AllocateResponse",
    "requestStream": false,
    "responseStream": false
  },
  "preStartContainer": {
    "path": "/v1beta1.DevicePlugin/PreStartContainer",
    "request": "PreStartContainerRequest",
    "response": "PreStartContainerResponse",
    "requestStream": false,
    "responseStream": false
  }
},
};
