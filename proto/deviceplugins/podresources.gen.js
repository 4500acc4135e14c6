// Generated from podresources.proto by scripts/gen-codecs.ts. Do not edit.
/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

const $root = $protobuf.roots["v1"] || ($protobuf.roots["v1"] = {});

export const v1 = $root.v1 = (() => {

const v1 = {};

v1.AllocatableResourcesRequest = (function() {

const AllocatableResourcesRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

AllocatableResourcesRequest.encode = function (m, w, q) {
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

AllocatableResourcesRequest.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.AllocatableResourcesRequest();
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

return AllocatableResourcesRequest;
})();

v1.AllocatableResourcesResponse = (function() {

const AllocatableResourcesResponse = function (p) {
this.devices = [];
this.cpuIds = [];
this.memory = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

AllocatableResourcesResponse.prototype.devices = $util.emptyArray;
AllocatableResourcesResponse.prototype.cpuIds = $util.emptyArray;
AllocatableResourcesResponse.prototype.memory = $util.emptyArray;

AllocatableResourcesResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.devices != null && m.devices.length) {
for (var i = 0; i < m.devices.length; ++i)
$root.v1.ContainerDevices.encode(m.devices[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.cpuIds != null && m.cpuIds.length) {
w.uint32(18).int64s(m.cpuIds);
}
if (m.memory != null && m.memory.length) {
for (var i = 0; i < m.memory.length; ++i)
$root.v1.ContainerMemory.encode(m.memory[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

AllocatableResourcesResponse.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.AllocatableResourcesResponse();
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
m.devices.push($root.v1.ContainerDevices.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 2: {
if (u === 2) {
if (!(m.cpuIds && m.cpuIds.length))
m.cpuIds = [];
r.int64s(m.cpuIds);
continue;
}
if (u !== 0)
break;
if (!(m.cpuIds && m.cpuIds.length))
m.cpuIds = [];
m.cpuIds.push(r.int64());
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.memory && m.memory.length))
m.memory = [];
m.memory.push($root.v1.ContainerMemory.decode(r, r.size(), $undefined, q + 1));
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

return AllocatableResourcesResponse;
})();

v1.ListPodResourcesRequest = (function() {

const ListPodResourcesRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListPodResourcesRequest.encode = function (m, w, q) {
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

ListPodResourcesRequest.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.ListPodResourcesRequest();
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

return ListPodResourcesRequest;
})();

v1.ListPodResourcesResponse = (function() {

const ListPodResourcesResponse = function (p) {
this.podResources = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ListPodResourcesResponse.prototype.podResources = $util.emptyArray;

ListPodResourcesResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podResources != null && m.podResources.length) {
for (var i = 0; i < m.podResources.length; ++i)
$root.v1.PodResources.encode(m.podResources[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ListPodResourcesResponse.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.ListPodResourcesResponse();
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
if (!(m.podResources && m.podResources.length))
m.podResources = [];
m.podResources.push($root.v1.PodResources.decode(r, r.size(), $undefined, q + 1));
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

return ListPodResourcesResponse;
})();

v1.PodResources = (function() {

const PodResources = function (p) {
this.containers = [];
this.cpuIds = [];
this.memory = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

PodResources.prototype.name = "";
PodResources.prototype.namespace = "";
PodResources.prototype.containers = $util.emptyArray;
PodResources.prototype.cpuIds = $util.emptyArray;
PodResources.prototype.memory = $util.emptyArray;

PodResources.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.namespace != null && $Object.hasOwnProperty.call(m, "namespace") && m.namespace !== "")
w.uint32(18).string(m.namespace);
if (m.containers != null && m.containers.length) {
for (var i = 0; i < m.containers.length; ++i)
$root.v1.ContainerResources.encode(m.containers[i], w.uint32(26).fork(), q + 1).ldelim();
}
if (m.cpuIds != null && m.cpuIds.length) {
w.uint32(34).int64s(m.cpuIds);
}
if (m.memory != null && m.memory.length) {
for (var i = 0; i < m.memory.length; ++i)
$root.v1.ContainerMemory.encode(m.memory[i], w.uint32(42).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

PodResources.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.PodResources();
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
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.namespace = v;
else
delete m.namespace;
continue;
}
case 3: {
if (u !== 2)
break;
if (!(m.containers && m.containers.length))
m.containers = [];
m.containers.push($root.v1.ContainerResources.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 4: {
if (u === 2) {
if (!(m.cpuIds && m.cpuIds.length))
m.cpuIds = [];
r.int64s(m.cpuIds);
continue;
}
if (u !== 0)
break;
if (!(m.cpuIds && m.cpuIds.length))
m.cpuIds = [];
m.cpuIds.push(r.int64());
continue;
}
case 5: {
if (u !== 2)
break;
if (!(m.memory && m.memory.length))
m.memory = [];
m.memory.push($root.v1.ContainerMemory.decode(r, r.size(), $undefined, q + 1));
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

return PodResources;
})();

v1.ContainerResources = (function() {

const ContainerResources = function (p) {
this.devices = [];
this.cpuIds = [];
this.memory = [];
this.dynamicResources = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerResources.prototype.name = "";
ContainerResources.prototype.devices = $util.emptyArray;
ContainerResources.prototype.cpuIds = $util.emptyArray;
ContainerResources.prototype.memory = $util.emptyArray;
ContainerResources.prototype.dynamicResources = $util.emptyArray;

ContainerResources.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.name != null && $Object.hasOwnProperty.call(m, "name") && m.name !== "")
w.uint32(10).string(m.name);
if (m.devices != null && m.devices.length) {
for (var i = 0; i < m.devices.length; ++i)
$root.v1.ContainerDevices.encode(m.devices[i], w.uint32(18).fork(), q + 1).ldelim();
}
if (m.cpuIds != null && m.cpuIds.length) {
w.uint32(26).int64s(m.cpuIds);
}
if (m.memory != null && m.memory.length) {
for (var i = 0; i < m.memory.length; ++i)
$root.v1.ContainerMemory.encode(m.memory[i], w.uint32(34).fork(), q + 1).ldelim();
}
if (m.dynamicResources != null && m.dynamicResources.length) {
for (var i = 0; i < m.dynamicResources.length; ++i)
$root.v1.DynamicResource.encode(m.dynamicResources[i], w.uint32(42).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerResources.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.ContainerResources();
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
case 2: {
if (u !== 2)
break;
if (!(m.devices && m.devices.length))
m.devices = [];
m.devices.push($root.v1.ContainerDevices.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 3: {
if (u === 2) {
if (!(m.cpuIds && m.cpuIds.length))
m.cpuIds = [];
r.int64s(m.cpuIds);
continue;
}
if (u !== 0)
break;
if (!(m.cpuIds && m.cpuIds.length))
m.cpuIds = [];
m.cpuIds.push(r.int64());
continue;
}
case 4: {
if (u !== 2)
break;
if (!(m.memory && m.memory.length))
m.memory = [];
m.memory.push($root.v1.ContainerMemory.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 5: {
if (u !== 2)
break;
if (!(m.dynamicResources && m.dynamicResources.length))
m.dynamicResources = [];
m.dynamicResources.push($root.v1.DynamicResource.decode(r, r.size(), $undefined, q + 1));
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

return ContainerResources;
})();

v1.ContainerMemory = (function() {

const ContainerMemory = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerMemory.prototype.memoryType = "";
ContainerMemory.prototype.size = $util.Long ? $util.Long.fromBits(0,0,true) : 0;
ContainerMemory.prototype.topology = null;

ContainerMemory.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.memoryType != null && $Object.hasOwnProperty.call(m, "memoryType") && m.memoryType !== "")
w.uint32(10).string(m.memoryType);
if (m.size != null && $Object.hasOwnProperty.call(m, "size") && (typeof m.size === "object" ? m.size.low || m.size.high : m.size !== 0))
w.uint32(16).uint64(m.size);
if (m.topology != null && $Object.hasOwnProperty.call(m, "topology"))
$root.v1.TopologyInfo.encode(m.topology, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerMemory.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.ContainerMemory();
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
m.memoryType = v;
else
delete m.memoryType;
continue;
}
case 2: {
if (u !== 0)
break;
if (typeof (v = r.uint64()) === "object" ? v.low || v.high : v !== 0)
m.size = v;
else
delete m.size;
continue;
}
case 3: {
if (u !== 2)
break;
m.topology = $root.v1.TopologyInfo.decode(r, r.size(), $undefined, q + 1, m.topology);
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

return ContainerMemory;
})();

v1.ContainerDevices = (function() {

const ContainerDevices = function (p) {
this.deviceIds = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ContainerDevices.prototype.resourceName = "";
ContainerDevices.prototype.deviceIds = $util.emptyArray;
ContainerDevices.prototype.topology = null;

ContainerDevices.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.resourceName != null && $Object.hasOwnProperty.call(m, "resourceName") && m.resourceName !== "")
w.uint32(10).string(m.resourceName);
if (m.deviceIds != null && m.deviceIds.length) {
for (var i = 0; i < m.deviceIds.length; ++i)
w.uint32(18).string(m.deviceIds[i]);
}
if (m.topology != null && $Object.hasOwnProperty.call(m, "topology"))
$root.v1.TopologyInfo.encode(m.topology, w.uint32(26).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ContainerDevices.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.ContainerDevices();
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
m.resourceName = v;
else
delete m.resourceName;
continue;
}
case 2: {
if (u !== 2)
break;
if (!(m.deviceIds && m.deviceIds.length))
m.deviceIds = [];
m.deviceIds.push(r.stringVerify());
continue;
}
case 3: {
if (u !== 2)
break;
m.topology = $root.v1.TopologyInfo.decode(r, r.size(), $undefined, q + 1, m.topology);
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

return ContainerDevices;
})();

v1.TopologyInfo = (function() {

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
$root.v1.NUMANode.encode(m.nodes[i], w.uint32(10).fork(), q + 1).ldelim();
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
m = g || new $root.v1.TopologyInfo();
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
m.nodes.push($root.v1.NUMANode.decode(r, r.size(), $undefined, q + 1));
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

v1.NUMANode = (function() {

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
m = g || new $root.v1.NUMANode();
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

v1.DynamicResource = (function() {

const DynamicResource = function (p) {
this.claimResources = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

DynamicResource.prototype.claimName = "";
DynamicResource.prototype.claimNamespace = "";
DynamicResource.prototype.claimResources = $util.emptyArray;

DynamicResource.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.claimName != null && $Object.hasOwnProperty.call(m, "claimName") && m.claimName !== "")
w.uint32(18).string(m.claimName);
if (m.claimNamespace != null && $Object.hasOwnProperty.call(m, "claimNamespace") && m.claimNamespace !== "")
w.uint32(26).string(m.claimNamespace);
if (m.claimResources != null && m.claimResources.length) {
for (var i = 0; i < m.claimResources.length; ++i)
$root.v1.ClaimResource.encode(m.claimResources[i], w.uint32(34).fork(), q + 1).ldelim();
}
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

DynamicResource.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.DynamicResource();
while (r.pos < c) {
var s = r.pos;
var t = r.tag();
if (t === z) {
z = $undefined;
break;
}
var u = t & 7;
switch (t >>>= 3) {
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.claimName = v;
else
delete m.claimName;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.claimNamespace = v;
else
delete m.claimNamespace;
continue;
}
case 4: {
if (u !== 2)
break;
if (!(m.claimResources && m.claimResources.length))
m.claimResources = [];
m.claimResources.push($root.v1.ClaimResource.decode(r, r.size(), $undefined, q + 1));
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

return DynamicResource;
})();

v1.ClaimResource = (function() {

const ClaimResource = function (p) {
this.cdiDevices = [];
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

ClaimResource.prototype.cdiDevices = $util.emptyArray;
ClaimResource.prototype.driverName = "";
ClaimResource.prototype.poolName = "";
ClaimResource.prototype.deviceName = "";
ClaimResource.prototype.shareId = null;

let $oneOfFields;

// Virtual OneOf for proto3 optional field
$Object.defineProperty(ClaimResource.prototype, "_shareId", {
get: $util.oneOfGetter($oneOfFields = ["shareId"]),
set: $util.oneOfSetter($oneOfFields)
});

ClaimResource.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.cdiDevices != null && m.cdiDevices.length) {
for (var i = 0; i < m.cdiDevices.length; ++i)
$root.v1.CDIDevice.encode(m.cdiDevices[i], w.uint32(10).fork(), q + 1).ldelim();
}
if (m.driverName != null && $Object.hasOwnProperty.call(m, "driverName") && m.driverName !== "")
w.uint32(18).string(m.driverName);
if (m.poolName != null && $Object.hasOwnProperty.call(m, "poolName") && m.poolName !== "")
w.uint32(26).string(m.poolName);
if (m.deviceName != null && $Object.hasOwnProperty.call(m, "deviceName") && m.deviceName !== "")
w.uint32(34).string(m.deviceName);
if (m.shareId != null && $Object.hasOwnProperty.call(m, "shareId"))
w.uint32(42).string(m.shareId);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

ClaimResource.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.ClaimResource();
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
if (!(m.cdiDevices && m.cdiDevices.length))
m.cdiDevices = [];
m.cdiDevices.push($root.v1.CDIDevice.decode(r, r.size(), $undefined, q + 1));
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.driverName = v;
else
delete m.driverName;
continue;
}
case 3: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.poolName = v;
else
delete m.poolName;
continue;
}
case 4: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.deviceName = v;
else
delete m.deviceName;
continue;
}
case 5: {
if (u !== 2)
break;
m.shareId = r.stringVerify();
m._shareId = "shareId";
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

return ClaimResource;
})();

v1.CDIDevice = (function() {

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
m = g || new $root.v1.CDIDevice();
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

v1.GetPodResourcesRequest = (function() {

const GetPodResourcesRequest = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

GetPodResourcesRequest.prototype.podName = "";
GetPodResourcesRequest.prototype.podNamespace = "";

GetPodResourcesRequest.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podName != null && $Object.hasOwnProperty.call(m, "podName") && m.podName !== "")
w.uint32(10).string(m.podName);
if (m.podNamespace != null && $Object.hasOwnProperty.call(m, "podNamespace") && m.podNamespace !== "")
w.uint32(18).string(m.podNamespace);
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

GetPodResourcesRequest.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.GetPodResourcesRequest();
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
m.podName = v;
else
delete m.podName;
continue;
}
case 2: {
if (u !== 2)
break;
if ((v = r.stringVerify()).length)
m.podNamespace = v;
else
delete m.podNamespace;
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

return GetPodResourcesRequest;
})();

v1.GetPodResourcesResponse = (function() {

const GetPodResourcesResponse = function (p) {
if (p)
for (var ks = $Object.keys(p), i = 0; i < ks.length; ++i)
if (p[ks[i]] != null && ks[i] !== "__proto__")
this[ks[i]] = p[ks[i]];
};

GetPodResourcesResponse.prototype.podResources = null;

GetPodResourcesResponse.encode = function (m, w, q) {
if (!w)
w = $Writer.create();
if (q === $undefined)
q = 0;
if (q > $util.recursionLimit)
throw $Error("max depth exceeded");
if (m.podResources != null && $Object.hasOwnProperty.call(m, "podResources"))
$root.v1.PodResources.encode(m.podResources, w.uint32(10).fork(), q + 1).ldelim();
if (m.$unknowns != null && $Object.hasOwnProperty.call(m, "$unknowns"))
for (var i = 0; i < m.$unknowns.length; ++i)
w.raw(m.$unknowns[i]);
return w;
};

GetPodResourcesResponse.decode = function (r, l, z, q, g) {
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
m = g || new $root.v1.GetPodResourcesResponse();
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
m.podResources = $root.v1.PodResources.decode(r, r.size(), $undefined, q + 1, m.podResources);
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

return GetPodResourcesResponse;
})();

return v1;
})();

export {
$root as default
};
export const messages = {
  AllocatableResourcesRequest: $root.v1.AllocatableResourcesRequest,
  AllocatableResourcesResponse: $root.v1.AllocatableResourcesResponse,
  ListPodResourcesRequest: $root.v1.ListPodResourcesRequest,
  ListPodResourcesResponse: $root.v1.ListPodResourcesResponse,
  PodResources: $root.v1.PodResources,
  ContainerResources: $root.v1.ContainerResources,
  ContainerMemory: $root.v1.ContainerMemory,
  ContainerDevices: $root.v1.ContainerDevices,
  TopologyInfo: $root.v1.TopologyInfo,
  NUMANode: $root.v1.NUMANode,
  DynamicResource: $root.v1.DynamicResource,
  ClaimResource: $root.v1.ClaimResource,
  CDIDevice: $root.v1.CDIDevice,
  GetPodResourcesRequest: $root.v1.GetPodResourcesRequest,
  GetPodResourcesResponse: $root.v1.GetPodResourcesResponse,
};
export const services = {
  PodResourcesLister: {
  "list": {
    "path": "/v1.PodResourcesLister/List",
    "request": "ListPodResourcesRequest",
    "response": "ListPodResourcesResponse",
    "requestStream": false,
    "responseStream": false
  },
  "getAllocatableResources": {
    "path": "/v1.PodResourcesLister/GetAllocatableResources",
    "request": "AllocatableResourcesRequest",
    "response": "AllocatableResourcesResponse",
    "requestStream": false,
    "responseStream": false
  },
  "get": {
    "path": "/v1.PodResourcesLister/Get",
    "request": "GetPodResourcesRequest",
    "response": "GetPodResourcesResponse",
    "requestStream": false,
    "responseStream": false
  }
},
};
