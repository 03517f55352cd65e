// Generated from templates/ by `npm run generate`; do not edit.
// @ts-nocheck

/** Templates, as Handlebars' runtime takes them, by their path below `templates/` without `.yaml.hbs`. */
export const specifications: Readonly<Record<string, unknown>> = {
  'balance-headless/destination-rule': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"DestinationRule"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n  "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":3,"column":4},"end":{"line":3,"column":8}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"spec"),{"name":"yaml","hash":{"indent":2},"data":data,"loc":{"start":{"line":3,"column":2},"end":{"line":3,"column":24}}})) != null ? stack1 : "")
    + "\n";
},"usePartial":true,"useData":true},
  'balance-headless/service': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  annotations:\n    "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":4,"column":6},"end":{"line":4,"column":10}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"annotations"),{"name":"yaml","hash":{"indent":4},"data":data,"loc":{"start":{"line":4,"column":4},"end":{"line":4,"column":33}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"Service","apiVersion":"v1"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depth0,"annotations"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":2,"column":0},"end":{"line":5,"column":7}}})) != null ? stack1 : "")
    + "spec:\n  "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":7,"column":4},"end":{"line":7,"column":8}} )).call(alias1,lookupProperty(depth0,"spec"),{"name":"yaml","hash":{"indent":2},"data":data,"loc":{"start":{"line":7,"column":2},"end":{"line":7,"column":24}}})) != null ? stack1 : "")
    + "\n";
},"usePartial":true,"useData":true},
  'disable-retries/virtual-service': {"0":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    - match:\n        - port: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":8,"column":18},"end":{"line":8,"column":22}} )).call(alias2,lookupProperty(depth0,"number"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":8,"column":16},"end":{"line":8,"column":31}}})) != null ? stack1 : "")
    + "\n      route:\n        - destination:\n            host: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":11,"column":20},"end":{"line":11,"column":24}} )).call(alias2,lookupProperty(depths[1],"host"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":11,"column":18},"end":{"line":11,"column":34}}})) != null ? stack1 : "")
    + "\n            port:\n              number: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":13,"column":24},"end":{"line":13,"column":28}} )).call(alias2,lookupProperty(depth0,"number"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":13,"column":22},"end":{"line":13,"column":37}}})) != null ? stack1 : "")
    + "\n      retries:\n        attempts: 0\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"VirtualService"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n  hosts:\n    - "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":4,"column":8},"end":{"line":4,"column":12}} )).call(alias1,lookupProperty(depth0,"host"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":6},"end":{"line":4,"column":19}}})) != null ? stack1 : "")
    + "\n  http:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"ports"),{"name":"each","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":6,"column":0},"end":{"line":16,"column":9}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true,"useDepths":true},
  'expose-gateway/service-controller-config': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: tke-service-controller-config\n  namespace: kube-system\n  annotations:\n    # Argo CD lays this key on the ConfigMap that TKE owns, and must never delete that.\n    argocd.argoproj.io/sync-options: ServerSideApply=true,Prune=false,Delete=false\ndata:\n  GlobalRouteDirectAccess: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":10,"column":29},"end":{"line":10,"column":33}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":10,"column":27},"end":{"line":10,"column":41}}})) != null ? stack1 : "")
    + "\n";
},"useData":true},
  'frames/connection-manager': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    - applyTo: NETWORK_FILTER\n      match:\n        context: "
    + ((stack1 = (((helper = lookupProperty(helpers,"context") || alias1(depth0, "context", {"start":{"line":3,"column":19},"end":{"line":3,"column":26}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"context","hash":{},"data":data,"loc":{"start":{"line":3,"column":17},"end":{"line":3,"column":28}}}) : helper))) != null ? stack1 : "")
    + "\n        listener:\n          filterChain:\n            filter:\n              name: "
    + ((stack1 = (((helper = lookupProperty(helpers,"filter") || alias1(depth0, "filter", {"start":{"line":7,"column":22},"end":{"line":7,"column":28}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"filter","hash":{},"data":data,"loc":{"start":{"line":7,"column":20},"end":{"line":7,"column":30}}}) : helper))) != null ? stack1 : "")
    + "\n      patch:\n        operation: MERGE\n        value:\n          typed_config:\n            \"@type\": "
    + ((stack1 = (((helper = lookupProperty(helpers,"type") || alias1(depth0, "type", {"start":{"line":12,"column":23},"end":{"line":12,"column":27}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"type","hash":{},"data":data,"loc":{"start":{"line":12,"column":21},"end":{"line":12,"column":29}}}) : helper))) != null ? stack1 : "")
    + "\n";
},"useData":true},
  'frames/envoy-filter': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  workloadSelector:\n    labels: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":5,"column":14},"end":{"line":5,"column":18}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"selector"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":5,"column":12},"end":{"line":5,"column":29}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"EnvoyFilter","apiVersion":"networking.istio.io/v1alpha3"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n"
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"selector"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":3,"column":0},"end":{"line":6,"column":7}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true},
  'frames/resource': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  namespace: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":6,"column":15},"end":{"line":6,"column":19}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"namespace"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":6,"column":13},"end":{"line":6,"column":31}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":1,"column":14},"end":{"line":1,"column":18}} )).call(alias2,lookupProperty(depth0,"apiVersion"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":1,"column":12},"end":{"line":1,"column":31}}})) != null ? stack1 : "")
    + "\nkind: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":2,"column":8},"end":{"line":2,"column":12}} )).call(alias2,lookupProperty(depth0,"kind"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":2,"column":6},"end":{"line":2,"column":19}}})) != null ? stack1 : "")
    + "\nmetadata:\n  name: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":4,"column":10},"end":{"line":4,"column":14}} )).call(alias2,lookupProperty(depth0,"name"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":8},"end":{"line":4,"column":21}}})) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"namespace"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":5,"column":0},"end":{"line":7,"column":7}}})) != null ? stack1 : "");
},"useData":true},
  'grant-cluster-access/binding': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  - apiGroup: rbac.authorization.k8s.io\n    kind: User\n    name: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":14,"column":12},"end":{"line":14,"column":16}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),depth0,{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":14,"column":10},"end":{"line":14,"column":23}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"apiVersion":"rbac.authorization.k8s.io/v1"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "  labels:\n    cloud.tencent.com/tke-account: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":3,"column":37},"end":{"line":3,"column":41}} )).call(alias2,lookupProperty(depth0,"uin"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":3,"column":35},"end":{"line":3,"column":47}}})) != null ? stack1 : "")
    + "\n  annotations:\n    cloud.tencent.com/tke-account-nickname: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":5,"column":46},"end":{"line":5,"column":50}} )).call(alias2,lookupProperty(depth0,"nickname"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":5,"column":44},"end":{"line":5,"column":61}}})) != null ? stack1 : "")
    + "\nroleRef:\n  apiGroup: rbac.authorization.k8s.io\n  kind: ClusterRole\n  name: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":9,"column":10},"end":{"line":9,"column":14}} )).call(alias2,lookupProperty(depth0,"role"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":9,"column":8},"end":{"line":9,"column":21}}})) != null ? stack1 : "")
    + "\nsubjects:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias2,lookupProperty(depth0,"users"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":11,"column":0},"end":{"line":15,"column":9}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true},
  'grant-cluster-access/istio-role': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "      - "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":8,"column":10},"end":{"line":8,"column":14}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),depth0,{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":8,"column":8},"end":{"line":8,"column":21}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":4,"column":10},"end":{"line":4,"column":14}} )).call(alias2,lookupProperty(depth0,"name"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":8},"end":{"line":4,"column":21}}})) != null ? stack1 : "")
    + "\nrules:\n  - apiGroups:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias2,lookupProperty(depth0,"groups"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":7,"column":0},"end":{"line":9,"column":9}}})) != null ? stack1 : "")
    + "    resources: [\"*\"]\n    verbs: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":11,"column":13},"end":{"line":11,"column":17}} )).call(alias2,lookupProperty(depth0,"verbs"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":11,"column":11},"end":{"line":11,"column":25}}})) != null ? stack1 : "")
    + "\n";
},"useData":true},
  'locality-failover/destination-rule': {"0":function(container,depth0,helpers,partials,data) {
    return "    loadBalancer:\n      localityLbSetting:\n        enabled: true\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "      "
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(data, "key", {"start":{"line":12,"column":8},"end":{"line":12,"column":12}} ))),(typeof helper === "function" ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":12,"column":6},"end":{"line":12,"column":14}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":12,"column":18},"end":{"line":12,"column":22}} )).call(alias2,depth0,{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":12,"column":16},"end":{"line":12,"column":29}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"DestinationRule"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n  host: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":3,"column":10},"end":{"line":3,"column":14}} )).call(alias1,lookupProperty(depth0,"host"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":3,"column":8},"end":{"line":3,"column":21}}})) != null ? stack1 : "")
    + "\n  trafficPolicy:\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depth0,"switchOn"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":5,"column":0},"end":{"line":9,"column":7}}})) != null ? stack1 : "")
    + "    outlierDetection:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"outlierDetection"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":11,"column":0},"end":{"line":13,"column":9}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true},
  'locality-failover/service': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"Service","apiVersion":"v1"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n  selector: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":3,"column":14},"end":{"line":3,"column":18}} )).call(alias2,lookupProperty(depth0,"selector"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":3,"column":12},"end":{"line":3,"column":29}}})) != null ? stack1 : "")
    + "\n  ports:\n    # Nothing needs to listen here: istiod takes the pods' locality from their endpoints, and endpoints need a port.\n    - name: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":6,"column":14},"end":{"line":6,"column":18}} )).call(alias2,lookupProperty(depth0,"port"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":6,"column":12},"end":{"line":6,"column":25}}})) != null ? stack1 : "")
    + "\n      port: 9\n";
},"usePartial":true,"useData":true},
  'plaintext-headless/destination-rule': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"DestinationRule"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n  host: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":3,"column":10},"end":{"line":3,"column":14}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"host"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":3,"column":8},"end":{"line":3,"column":21}}})) != null ? stack1 : "")
    + "\n  trafficPolicy:\n    tls:\n      mode: DISABLE\n";
},"usePartial":true,"useData":true},
  'preserve-header-case/clusters': {"0":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    - applyTo: CLUSTER\n      match:\n        context: "
    + ((stack1 = (((helper = lookupProperty(helpers,"context") || alias1(depth0, "context", {"start":{"line":6,"column":19},"end":{"line":6,"column":26}} ))),(typeof helper === "function" ? helper.call(alias2,{"name":"context","hash":{},"data":data,"loc":{"start":{"line":6,"column":17},"end":{"line":6,"column":28}}}) : helper))) != null ? stack1 : "")
    + "\n        cluster:\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"service"),{"name":"if","hash":{},"fn":container.program(1, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":8,"column":0},"end":{"line":10,"column":7}}})) != null ? stack1 : "")
    + "          portNumber: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":11,"column":24},"end":{"line":11,"column":28}} )).call(alias2,lookupProperty(depth0,"port"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":11,"column":22},"end":{"line":11,"column":35}}})) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"subset"),{"name":"if","hash":{},"fn":container.program(2, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":12,"column":0},"end":{"line":14,"column":7}}})) != null ? stack1 : "")
    + "      patch:\n        operation: MERGE\n        value:\n          typed_extension_protocol_options:\n            envoy.extensions.upstreams.http.v3.HttpProtocolOptions:\n              \"@type\": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"common"),{"name":"if","hash":{},"fn":container.program(3, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":21,"column":0},"end":{"line":24,"column":7}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"upstream"),{"name":"if","hash":{},"fn":container.program(4, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":25,"column":0},"end":{"line":28,"column":7}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"downstream"),{"name":"if","hash":{},"fn":container.program(5, data, 0, blockParams, depths),"inverse":container.program(6, data, 0, blockParams, depths),"data":data,"loc":{"start":{"line":29,"column":0},"end":{"line":35,"column":7}}})) != null ? stack1 : "")
    + "                http_protocol_options:\n"
    + ((stack1 = container.invokePartial(lookupProperty(partials,"preserve-header-case/key-format"),depth0,{"name":"preserve-header-case/key-format","hash":{"preserve":lookupProperty(depths[1],"preserve")},"data":data,"indent":"                  ","helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "");
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "          service: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":9,"column":21},"end":{"line":9,"column":25}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"service"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":9,"column":19},"end":{"line":9,"column":35}}})) != null ? stack1 : "")
    + "\n";
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "          subset: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":13,"column":20},"end":{"line":13,"column":24}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"subset"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":13,"column":18},"end":{"line":13,"column":33}}})) != null ? stack1 : "")
    + "\n";
},"3":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "              # Repeated from the connection pool, since a merge replaces these options as a whole.\n              common_http_protocol_options: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":23,"column":46},"end":{"line":23,"column":50}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"common"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":23,"column":44},"end":{"line":23,"column":59}}})) != null ? stack1 : "")
    + "\n";
},"4":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "              # Repeated from what Istio makes of the DestinationRule's tls, for the same reason.\n              upstream_http_protocol_options: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":27,"column":48},"end":{"line":27,"column":52}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"upstream"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":27,"column":46},"end":{"line":27,"column":63}}})) != null ? stack1 : "")
    + "\n";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "              # The server is spoken to as the client speaks: the port declares no protocol, or a DestinationRule says so.\n              use_downstream_protocol_config:\n                http2_protocol_options: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":32,"column":42},"end":{"line":32,"column":46}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"http2"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":32,"column":40},"end":{"line":32,"column":54}}})) != null ? stack1 : "")
    + "\n";
},"6":function(container,depth0,helpers,partials,data) {
    return "              explicit_http_config:\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/envoy-filter"),depth0,{"name":"frames/envoy-filter","data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "  configPatches:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"clusters"),{"name":"each","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":3,"column":0},"end":{"line":38,"column":9}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true,"useDepths":true},
  'preserve-header-case/key-format': {"0":function(container,depth0,helpers,partials,data) {
    return "  stateful_formatter:\n    name: preserve_case\n    typed_config:\n      \"@type\": type.googleapis.com/envoy.extensions.http.header_formatters.preserve_case.v3.PreserveCaseFormatterConfig\n";
},"1":function(container,depth0,helpers,partials,data) {
    return "  proper_case_words: {}\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "header_key_format:\n"
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"preserve"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.program(1, data, 0),"data":data,"loc":{"start":{"line":2,"column":0},"end":{"line":9,"column":7}}})) != null ? stack1 : "");
},"useData":true},
  'preserve-header-case/listeners': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/envoy-filter"),depth0,{"name":"frames/envoy-filter","data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "  configPatches:\n"
    + ((stack1 = container.invokePartial(lookupProperty(partials,"frames/connection-manager"),depth0,{"name":"frames/connection-manager","hash":{"context":"ANY"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "            http_protocol_options:\n"
    + ((stack1 = container.invokePartial(lookupProperty(partials,"preserve-header-case/key-format"),depth0,{"name":"preserve-header-case/key-format","data":data,"indent":"              ","helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "");
},"usePartial":true,"useData":true},
  'preserve-header-case/old-clusters': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    - applyTo: CLUSTER\n      match:\n        context: "
    + ((stack1 = (((helper = lookupProperty(helpers,"context") || alias1(depth0, "context", {"start":{"line":6,"column":19},"end":{"line":6,"column":26}} ))),(typeof helper === "function" ? helper.call(alias2,{"name":"context","hash":{},"data":data,"loc":{"start":{"line":6,"column":17},"end":{"line":6,"column":28}}}) : helper))) != null ? stack1 : "")
    + "\n        cluster:\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"service"),{"name":"if","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":8,"column":0},"end":{"line":10,"column":7}}})) != null ? stack1 : "")
    + "          portNumber: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":11,"column":24},"end":{"line":11,"column":28}} )).call(alias2,lookupProperty(depth0,"port"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":11,"column":22},"end":{"line":11,"column":35}}})) != null ? stack1 : "")
    + "\n      patch:\n        operation: MERGE\n        value:\n          http_protocol_options:\n            header_key_format:\n              proper_case_words: {}\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "          service: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":9,"column":21},"end":{"line":9,"column":25}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"service"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":9,"column":19},"end":{"line":9,"column":35}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/envoy-filter"),depth0,{"name":"frames/envoy-filter","data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "  configPatches:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"clusters"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":3,"column":0},"end":{"line":18,"column":9}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true},
  'preserve-header-case/service-entry': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  # Without an address of its own this would take all other TCP traffic of the port.\n  addresses:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"addresses"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":8,"column":0},"end":{"line":10,"column":9}}})) != null ? stack1 : "");
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    - "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":9,"column":8},"end":{"line":9,"column":12}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),depth0,{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":9,"column":6},"end":{"line":9,"column":19}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"ServiceEntry"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n  hosts:\n    - "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":4,"column":8},"end":{"line":4,"column":12}} )).call(alias2,lookupProperty(depth0,"host"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":6},"end":{"line":4,"column":19}}})) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"addresses"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":5,"column":0},"end":{"line":11,"column":7}}})) != null ? stack1 : "")
    + "  location: MESH_EXTERNAL\n  resolution: "
    + ((stack1 = (((helper = lookupProperty(helpers,"resolution") || alias1(depth0, "resolution", {"start":{"line":13,"column":16},"end":{"line":13,"column":26}} ))),(typeof helper === "function" ? helper.call(alias2,{"name":"resolution","hash":{},"data":data,"loc":{"start":{"line":13,"column":14},"end":{"line":13,"column":28}}}) : helper))) != null ? stack1 : "")
    + "\n  ports:\n    - number: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":15,"column":16},"end":{"line":15,"column":20}} )).call(alias2,lookupProperty(depth0,"port"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":15,"column":14},"end":{"line":15,"column":27}}})) != null ? stack1 : "")
    + "\n      name: tcp\n      protocol: TCP\n";
},"usePartial":true,"useData":true},
  'raise-header-limit/envoy-filter': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  # Applied after the filter that sets a lower limit for more proxies.\n  priority: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":4,"column":14},"end":{"line":4,"column":18}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"priority"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":12},"end":{"line":4,"column":29}}})) != null ? stack1 : "")
    + "\n";
},"1":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/connection-manager"),depth0,{"name":"frames/connection-manager","hash":{"context":lookupProperty(depths[1],"context")},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depths[1],"kib"),{"name":"if","hash":{},"fn":container.program(2, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":9,"column":0},"end":{"line":11,"column":7}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depths[1],"headers"),{"name":"if","hash":{},"fn":container.program(3, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":12,"column":0},"end":{"line":15,"column":7}}})) != null ? stack1 : "");
},"2":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "            max_request_headers_kb: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":10,"column":38},"end":{"line":10,"column":42}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depths[1],"kib"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":10,"column":36},"end":{"line":10,"column":51}}})) != null ? stack1 : "")
    + "\n";
},"3":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "            common_http_protocol_options:\n              max_headers_count: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":14,"column":35},"end":{"line":14,"column":39}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depths[1],"headers"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":14,"column":33},"end":{"line":14,"column":52}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data,blockParams,depths) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/envoy-filter"),depth0,{"name":"frames/envoy-filter","data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depth0,"priority"),{"name":"if","hash":{},"fn":container.program(0, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":2,"column":0},"end":{"line":5,"column":7}}})) != null ? stack1 : "")
    + "  configPatches:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"forms"),{"name":"each","hash":{},"fn":container.program(1, data, 0, blockParams, depths),"inverse":container.noop,"data":data,"loc":{"start":{"line":7,"column":0},"end":{"line":16,"column":9}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true,"useDepths":true},
  'reach-mesh/virtual-service': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  exportTo: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":4,"column":14},"end":{"line":4,"column":18}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"exportTo"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":12},"end":{"line":4,"column":29}}})) != null ? stack1 : "")
    + "\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),depth0,{"name":"each","hash":{},"fn":container.program(2, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":10,"column":0},"end":{"line":15,"column":9}}})) != null ? stack1 : "");
},"2":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(data,"first"),{"name":"if","hash":{},"fn":container.program(3, data, 0),"inverse":container.program(4, data, 0),"data":data,"loc":{"start":{"line":11,"column":0},"end":{"line":11,"column":41}}})) != null ? stack1 : "")
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":11,"column":43},"end":{"line":11,"column":47}} )).call(alias1,lookupProperty(depth0,"key"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":11,"column":41},"end":{"line":11,"column":53}}})) != null ? stack1 : "")
    + ":"
    + ((stack1 = lookupProperty(helpers,"unless").call(alias1,lookupProperty(depth0,"items"),{"name":"unless","hash":{},"fn":container.program(5, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":11,"column":54},"end":{"line":11,"column":97}}})) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"items"),{"name":"each","hash":{},"fn":container.program(6, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":12,"column":0},"end":{"line":14,"column":9}}})) != null ? stack1 : "");
},"3":function(container,depth0,helpers,partials,data) {
    return "    - ";
},"4":function(container,depth0,helpers,partials,data) {
    return "      ";
},"5":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return " "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":11,"column":74},"end":{"line":11,"column":78}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":11,"column":72},"end":{"line":11,"column":86}}})) != null ? stack1 : "");
},"6":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "        - "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":13,"column":12},"end":{"line":13,"column":16}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),depth0,{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":13,"column":10},"end":{"line":13,"column":23}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"VirtualService"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias1,lookupProperty(depth0,"exportTo"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":3,"column":0},"end":{"line":5,"column":7}}})) != null ? stack1 : "")
    + "  hosts:\n    - "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":7,"column":8},"end":{"line":7,"column":12}} )).call(alias1,lookupProperty(depth0,"host"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":7,"column":6},"end":{"line":7,"column":19}}})) != null ? stack1 : "")
    + "\n  http:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"http"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":9,"column":0},"end":{"line":16,"column":9}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true},
  'strict-circuit-breaking/destination-rule': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "      http:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"http"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":10,"column":0},"end":{"line":12,"column":9}}})) != null ? stack1 : "");
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "        "
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(data, "key", {"start":{"line":11,"column":10},"end":{"line":11,"column":14}} ))),(typeof helper === "function" ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":11,"column":8},"end":{"line":11,"column":16}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":11,"column":20},"end":{"line":11,"column":24}} )).call(alias2,depth0,{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":11,"column":18},"end":{"line":11,"column":31}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/resource"),depth0,{"name":"frames/resource","hash":{"kind":"DestinationRule"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "spec:\n  host: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":3,"column":10},"end":{"line":3,"column":14}} )).call(alias2,lookupProperty(depth0,"host"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":3,"column":8},"end":{"line":3,"column":21}}})) != null ? stack1 : "")
    + "\n  trafficPolicy:\n    connectionPool:\n      tcp:\n        maxConnections: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":7,"column":26},"end":{"line":7,"column":30}} )).call(alias2,lookupProperty(depth0,"connections"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":7,"column":24},"end":{"line":7,"column":44}}})) != null ? stack1 : "")
    + "\n"
    + ((stack1 = lookupProperty(helpers,"if").call(alias2,lookupProperty(depth0,"http"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":8,"column":0},"end":{"line":13,"column":7}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true},
  'support-http10/envoy-filter': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "              # For requests without a Host header.\n              default_host_for_http_10: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":8,"column":42},"end":{"line":8,"column":46}} )).call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"defaultHost"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":8,"column":40},"end":{"line":8,"column":60}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return ((stack1 = container.invokePartial(lookupProperty(partials,"frames/envoy-filter"),depth0,{"name":"frames/envoy-filter","data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "  configPatches:\n"
    + ((stack1 = container.invokePartial(lookupProperty(partials,"frames/connection-manager"),depth0,{"name":"frames/connection-manager","hash":{"context":"ANY"},"data":data,"helpers":helpers,"partials":partials,"decorators":container.decorators})) != null ? stack1 : "")
    + "            http_protocol_options:\n              accept_http_10: true\n"
    + ((stack1 = lookupProperty(helpers,"if").call(depth0 != null ? depth0 : (container.nullContext || {}),lookupProperty(depth0,"defaultHost"),{"name":"if","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":6,"column":0},"end":{"line":9,"column":7}}})) != null ? stack1 : "");
},"usePartial":true,"useData":true},
  'surface/env-deployment': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":4,"column":10},"end":{"line":4,"column":14}} )).call(alias2,lookupProperty(depth0,"deployment"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":8},"end":{"line":4,"column":27}}})) != null ? stack1 : "")
    + "\n  namespace: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":5,"column":15},"end":{"line":5,"column":19}} )).call(alias2,lookupProperty(depth0,"namespace"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":5,"column":13},"end":{"line":5,"column":31}}})) != null ? stack1 : "")
    + "\n  annotations:\n    # Argo CD lays this on the Deployment that Istio's installation owns, and must never delete that.\n    argocd.argoproj.io/sync-options: ServerSideApply=true,Validate=false,Prune=false,Delete=false\nspec:\n  template:\n    spec:\n      containers:\n        - name: discovery\n          env:\n            - name: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":15,"column":22},"end":{"line":15,"column":26}} )).call(alias2,lookupProperty(depth0,"name"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":15,"column":20},"end":{"line":15,"column":33}}})) != null ? stack1 : "")
    + "\n              value: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":16,"column":23},"end":{"line":16,"column":27}} )).call(alias2,lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":16,"column":21},"end":{"line":16,"column":35}}})) != null ? stack1 : "")
    + "\n";
},"useData":true},
  'surface/env-helm-values': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "# Values of the istiod chart.\npilot:\n  env:\n    "
    + ((stack1 = (((helper = lookupProperty(helpers,"name") || alias1(depth0, "name", {"start":{"line":4,"column":6},"end":{"line":4,"column":10}} ))),(typeof helper === "function" ? helper.call(alias2,{"name":"name","hash":{},"data":data,"loc":{"start":{"line":4,"column":4},"end":{"line":4,"column":12}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":4,"column":16},"end":{"line":4,"column":20}} )).call(alias2,lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":14},"end":{"line":4,"column":28}}})) != null ? stack1 : "")
    + "\n";
},"useData":true},
  'surface/env-istio-operator': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata:\n  name: istiod\n  namespace: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":5,"column":15},"end":{"line":5,"column":19}} )).call(alias2,lookupProperty(depth0,"namespace"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":5,"column":13},"end":{"line":5,"column":31}}})) != null ? stack1 : "")
    + "\nspec:\n  values:\n    pilot:\n      env:\n        "
    + ((stack1 = (((helper = lookupProperty(helpers,"name") || alias1(depth0, "name", {"start":{"line":10,"column":10},"end":{"line":10,"column":14}} ))),(typeof helper === "function" ? helper.call(alias2,{"name":"name","hash":{},"data":data,"loc":{"start":{"line":10,"column":8},"end":{"line":10,"column":16}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":10,"column":20},"end":{"line":10,"column":24}} )).call(alias2,lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":10,"column":18},"end":{"line":10,"column":32}}})) != null ? stack1 : "")
    + "\n";
},"useData":true},
  'surface/env-sail': {"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata:\n  name: default\n  annotations:\n    argocd.argoproj.io/sync-options: ServerSideApply=true,Validate=false,Prune=false,Delete=false\nspec:\n  values:\n    pilot:\n      env:\n        "
    + ((stack1 = (((helper = lookupProperty(helpers,"name") || alias1(depth0, "name", {"start":{"line":11,"column":10},"end":{"line":11,"column":14}} ))),(typeof helper === "function" ? helper.call(alias2,{"name":"name","hash":{},"data":data,"loc":{"start":{"line":11,"column":8},"end":{"line":11,"column":16}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":11,"column":20},"end":{"line":11,"column":24}} )).call(alias2,lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":11,"column":18},"end":{"line":11,"column":32}}})) != null ? stack1 : "")
    + "\n";
},"useData":true},
  'surface/mesh-config-deployment': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    "
    + ((stack1 = (((helper = lookupProperty(helpers,"indent") || alias1(depth0, "indent", {"start":{"line":10,"column":6},"end":{"line":10,"column":12}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"indent","hash":{},"data":data,"loc":{"start":{"line":10,"column":4},"end":{"line":10,"column":14}}}) : helper))) != null ? stack1 : "")
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(depth0, "key", {"start":{"line":10,"column":16},"end":{"line":10,"column":19}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":10,"column":14},"end":{"line":10,"column":21}}}) : helper))) != null ? stack1 : "")
    + ":\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    "
    + ((stack1 = (((helper = lookupProperty(helpers,"indent") || alias1(depth0, "indent", {"start":{"line":13,"column":6},"end":{"line":13,"column":12}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"indent","hash":{},"data":data,"loc":{"start":{"line":13,"column":4},"end":{"line":13,"column":14}}}) : helper))) != null ? stack1 : "")
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(depth0, "key", {"start":{"line":13,"column":16},"end":{"line":13,"column":19}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":13,"column":14},"end":{"line":13,"column":21}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":13,"column":25},"end":{"line":13,"column":29}} )).call(alias2,lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":13,"column":23},"end":{"line":13,"column":37}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":4,"column":10},"end":{"line":4,"column":14}} )).call(alias2,lookupProperty(depth0,"name"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":4,"column":8},"end":{"line":4,"column":21}}})) != null ? stack1 : "")
    + "\n  namespace: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":5,"column":15},"end":{"line":5,"column":19}} )).call(alias2,lookupProperty(depth0,"namespace"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":5,"column":13},"end":{"line":5,"column":31}}})) != null ? stack1 : "")
    + "\ndata:\n  # istiod reads this beside its own ConfigMap, which wins where both set a field.\n  mesh: |\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias2,lookupProperty(depth0,"parents"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":9,"column":0},"end":{"line":11,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias2,lookupProperty(depth0,"leaves"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":12,"column":0},"end":{"line":14,"column":9}}})) != null ? stack1 : "");
},"useData":true},
  'surface/mesh-config-helm-values': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  "
    + ((stack1 = (((helper = lookupProperty(helpers,"indent") || alias1(depth0, "indent", {"start":{"line":4,"column":4},"end":{"line":4,"column":10}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"indent","hash":{},"data":data,"loc":{"start":{"line":4,"column":2},"end":{"line":4,"column":12}}}) : helper))) != null ? stack1 : "")
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(depth0, "key", {"start":{"line":4,"column":14},"end":{"line":4,"column":17}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":4,"column":12},"end":{"line":4,"column":19}}}) : helper))) != null ? stack1 : "")
    + ":\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "  "
    + ((stack1 = (((helper = lookupProperty(helpers,"indent") || alias1(depth0, "indent", {"start":{"line":7,"column":4},"end":{"line":7,"column":10}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"indent","hash":{},"data":data,"loc":{"start":{"line":7,"column":2},"end":{"line":7,"column":12}}}) : helper))) != null ? stack1 : "")
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(depth0, "key", {"start":{"line":7,"column":14},"end":{"line":7,"column":17}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":7,"column":12},"end":{"line":7,"column":19}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":7,"column":23},"end":{"line":7,"column":27}} )).call(alias2,lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":7,"column":21},"end":{"line":7,"column":35}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "# Values of the istiod chart.\nmeshConfig:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"parents"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":3,"column":0},"end":{"line":5,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"leaves"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":6,"column":0},"end":{"line":8,"column":9}}})) != null ? stack1 : "");
},"useData":true},
  'surface/mesh-config-istio-operator': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    "
    + ((stack1 = (((helper = lookupProperty(helpers,"indent") || alias1(depth0, "indent", {"start":{"line":9,"column":6},"end":{"line":9,"column":12}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"indent","hash":{},"data":data,"loc":{"start":{"line":9,"column":4},"end":{"line":9,"column":14}}}) : helper))) != null ? stack1 : "")
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(depth0, "key", {"start":{"line":9,"column":16},"end":{"line":9,"column":19}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":9,"column":14},"end":{"line":9,"column":21}}}) : helper))) != null ? stack1 : "")
    + ":\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "    "
    + ((stack1 = (((helper = lookupProperty(helpers,"indent") || alias1(depth0, "indent", {"start":{"line":12,"column":6},"end":{"line":12,"column":12}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"indent","hash":{},"data":data,"loc":{"start":{"line":12,"column":4},"end":{"line":12,"column":14}}}) : helper))) != null ? stack1 : "")
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(depth0, "key", {"start":{"line":12,"column":16},"end":{"line":12,"column":19}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":12,"column":14},"end":{"line":12,"column":21}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":12,"column":25},"end":{"line":12,"column":29}} )).call(alias2,lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":12,"column":23},"end":{"line":12,"column":37}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: install.istio.io/v1alpha1\nkind: IstioOperator\nmetadata:\n  name: istiod\n  namespace: "
    + ((stack1 = (lookupProperty(helpers,"yaml")||container.strict(depth0, "yaml", {"start":{"line":5,"column":15},"end":{"line":5,"column":19}} )).call(alias1,lookupProperty(depth0,"namespace"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":5,"column":13},"end":{"line":5,"column":31}}})) != null ? stack1 : "")
    + "\nspec:\n  meshConfig:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"parents"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":8,"column":0},"end":{"line":10,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"leaves"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":11,"column":0},"end":{"line":13,"column":9}}})) != null ? stack1 : "");
},"useData":true},
  'surface/mesh-config-sail': {"0":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "      "
    + ((stack1 = (((helper = lookupProperty(helpers,"indent") || alias1(depth0, "indent", {"start":{"line":11,"column":8},"end":{"line":11,"column":14}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"indent","hash":{},"data":data,"loc":{"start":{"line":11,"column":6},"end":{"line":11,"column":16}}}) : helper))) != null ? stack1 : "")
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(depth0, "key", {"start":{"line":11,"column":18},"end":{"line":11,"column":21}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":11,"column":16},"end":{"line":11,"column":23}}}) : helper))) != null ? stack1 : "")
    + ":\n";
},"1":function(container,depth0,helpers,partials,data) {
    var stack1, helper, alias1=container.strict, alias2=depth0 != null ? depth0 : (container.nullContext || {}), alias3="function", lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "      "
    + ((stack1 = (((helper = lookupProperty(helpers,"indent") || alias1(depth0, "indent", {"start":{"line":14,"column":8},"end":{"line":14,"column":14}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"indent","hash":{},"data":data,"loc":{"start":{"line":14,"column":6},"end":{"line":14,"column":16}}}) : helper))) != null ? stack1 : "")
    + ((stack1 = (((helper = lookupProperty(helpers,"key") || alias1(depth0, "key", {"start":{"line":14,"column":18},"end":{"line":14,"column":21}} ))),(typeof helper === alias3 ? helper.call(alias2,{"name":"key","hash":{},"data":data,"loc":{"start":{"line":14,"column":16},"end":{"line":14,"column":23}}}) : helper))) != null ? stack1 : "")
    + ": "
    + ((stack1 = (lookupProperty(helpers,"yaml")||alias1(depth0, "yaml", {"start":{"line":14,"column":27},"end":{"line":14,"column":31}} )).call(alias2,lookupProperty(depth0,"value"),{"name":"yaml","hash":{},"data":data,"loc":{"start":{"line":14,"column":25},"end":{"line":14,"column":39}}})) != null ? stack1 : "")
    + "\n";
},"compiler":[8,">= 4.3.0"],"main":function(container,depth0,helpers,partials,data) {
    var stack1, alias1=depth0 != null ? depth0 : (container.nullContext || {}), lookupProperty = container.lookupProperty || function(parent, propertyName) {
        if (Object.prototype.hasOwnProperty.call(parent, propertyName)) {
          return parent[propertyName];
        }
        return undefined
    };

  return "apiVersion: sailoperator.io/v1\nkind: Istio\nmetadata:\n  name: default\n  annotations:\n    argocd.argoproj.io/sync-options: ServerSideApply=true,Validate=false,Prune=false,Delete=false\nspec:\n  values:\n    meshConfig:\n"
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"parents"),{"name":"each","hash":{},"fn":container.program(0, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":10,"column":0},"end":{"line":12,"column":9}}})) != null ? stack1 : "")
    + ((stack1 = lookupProperty(helpers,"each").call(alias1,lookupProperty(depth0,"leaves"),{"name":"each","hash":{},"fn":container.program(1, data, 0),"inverse":container.noop,"data":data,"loc":{"start":{"line":13,"column":0},"end":{"line":15,"column":9}}})) != null ? stack1 : "");
},"useData":true},
};
