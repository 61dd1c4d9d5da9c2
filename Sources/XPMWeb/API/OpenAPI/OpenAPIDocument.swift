// Made by scripts/openapi.py from protocol/schema; not to be edited.
// swift-format-ignore-file

/// What `GET /api/v1/openapi.json` answers.
enum OpenAPIDocument {
    static let text: StaticString = #"""
{
 "openapi": "3.1.0",
 "info": {
  "title": "xpm-web",
  "version": "0.2.0",
  "description": "The methods of xpmd's protocol as JSON over HTTP, and streams of what happens."
 },
 "servers": [
  {
   "url": "/"
  }
 ],
 "security": [
  {
   "token": []
  },
  {
   "session": []
  }
 ],
 "paths": {
  "/api/v1/session": {
   "get": {
    "operationId": "session",
    "tags": [
     "web"
    ],
    "summary": "Whom xpm-web serves, and where.",
    "x-xpm-scope": "read",
    "parameters": [],
    "responses": {
     "200": {
      "description": "The session.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "required": [
          "user",
          "version",
          "port",
          "path_mode"
         ],
         "properties": {
          "user": {
           "type": "string"
          },
          "version": {
           "type": "string"
          },
          "port": {
           "type": "integer"
          },
          "path_mode": {
           "type": "boolean",
           "description": "Whether services are served below the dashboard's own address."
          }
         }
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/live": {
   "get": {
    "operationId": "live",
    "tags": [
     "web"
    ],
    "summary": "Everything there is, and then what changes, as server-sent events.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "name": "usage",
      "in": "query",
      "required": false,
      "description": "Whether to measure memory and processor time, too.",
      "schema": {
       "enum": [
        "0",
        "1",
        "false",
        "true"
       ]
      }
     },
     {
      "name": "last",
      "in": "query",
      "required": false,
      "description": "The same as Last-Event-ID.",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "Last-Event-ID",
      "in": "header",
      "required": false,
      "schema": {
       "type": "string"
      },
      "description": "The id of the last event that was seen: the stream goes on from there."
     }
    ],
    "responses": {
     "200": {
      "description": "Events `snapshot`, `change` and `usage`, each with a JSON object.",
      "content": {
       "text/event-stream": {
        "schema": {
         "type": "string"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/events": {
   "get": {
    "operationId": "events",
    "tags": [
     "web"
    ],
    "summary": "The log of events from a number on, as server-sent events.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "name": "since",
      "in": "query",
      "required": false,
      "description": "The number of the last event that was seen; 0 for all (default: new events only).",
      "schema": {
       "type": "integer",
       "minimum": 0
      }
     },
     {
      "name": "service",
      "in": "query",
      "required": false,
      "description": "Only events of services that this names.",
      "schema": {
       "type": "string"
      }
     },
     {
      "name": "Last-Event-ID",
      "in": "header",
      "required": false,
      "schema": {
       "type": "string"
      },
      "description": "The id of the last event that was seen: the stream goes on from there."
     }
    ],
    "responses": {
     "200": {
      "description": "An event for each entry, with its number as id and the entry as JSON.",
      "content": {
       "text/event-stream": {
        "schema": {
         "type": "string"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/usage": {
   "get": {
    "operationId": "usage",
    "tags": [
     "web"
    ],
    "summary": "What running services use now.",
    "x-xpm-scope": "read",
    "parameters": [],
    "responses": {
     "200": {
      "description": "A measurement.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "required": [
          "at",
          "services"
         ],
         "properties": {
          "at": {
           "$ref": "#/components/schemas/timestamp"
          },
          "services": {
           "type": "array",
           "items": {
            "type": "object",
            "required": [
             "workspace",
             "experiment",
             "run",
             "id",
             "place"
            ],
            "properties": {
             "workspace": {
              "type": "string"
             },
             "experiment": {
              "type": "string"
             },
             "run": {
              "type": "string"
             },
             "id": {
              "type": "string"
             },
             "place": {
              "type": "integer",
              "description": "The `place` of its record in `live`."
             },
             "memory_bytes": {
              "type": "integer"
             },
             "cpu_s": {
              "type": "number",
              "description": "Processor time since the attempt began."
             },
             "cpu_percent": {
              "type": "number",
              "description": "Of one processor, since the measurement before."
             },
             "processes": {
              "type": "integer"
             }
            }
           }
          }
         }
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/openapi.json": {
   "get": {
    "operationId": "openapi",
    "tags": [
     "web"
    ],
    "summary": "This document.",
    "x-xpm-scope": "read",
    "parameters": [],
    "responses": {
     "200": {
      "description": "The document.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/metrics": {
   "get": {
    "operationId": "metrics",
    "tags": [
     "web"
    ],
    "summary": "Numbers for Prometheus.",
    "x-xpm-scope": "read",
    "parameters": [],
    "responses": {
     "200": {
      "description": "Prometheus' text format.",
      "content": {
       "text/plain": {
        "schema": {
         "type": "string"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/daemon.reexec": {
   "post": {
    "operationId": "daemon.reexec",
    "tags": [
     "daemon"
    ],
    "summary": "Reloads the daemon: it switches to the installed program and keeps its services.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {}
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "version": {
           "type": "string"
          }
         },
         "required": [
          "version"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/daemon.status": {
   "post": {
    "operationId": "daemon.status",
    "tags": [
     "daemon"
    ],
    "summary": "The status of the daemon.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {}
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "version": {
           "type": "string"
          },
          "pid": {
           "type": "integer",
           "minimum": 1
          },
          "started_at": {
           "$ref": "#/components/schemas/timestamp"
          },
          "instance": {
           "type": "string"
          },
          "socket": {
           "$ref": "#/components/schemas/absolutePath"
          },
          "state_folder": {
           "$ref": "#/components/schemas/absolutePath"
          },
          "services": {
           "type": "object",
           "propertyNames": {
            "$ref": "#/components/schemas/state"
           },
           "additionalProperties": {
            "type": "integer",
            "minimum": 0
           }
          },
          "last_event": {
           "$ref": "#/components/schemas/sequence"
          },
          "connections": {
           "type": "integer",
           "minimum": 0
          },
          "keeper_pid": {
           "anyOf": [
            {
             "type": "integer",
             "minimum": 1
            },
            {
             "type": "null"
            }
           ]
          },
          "storage_fault": {
           "anyOf": [
            {
             "type": "string"
            },
            {
             "type": "null"
            }
           ]
          },
          "cgroup": {
           "anyOf": [
            {
             "$ref": "#/components/schemas/absolutePath"
            },
            {
             "type": "null"
            }
           ]
          },
          "controllers": {
           "anyOf": [
            {
             "type": "array",
             "items": {
              "type": "string"
             }
            },
            {
             "type": "null"
            }
           ]
          },
          "linger": {
           "anyOf": [
            {
             "type": "boolean"
            },
            {
             "type": "null"
            }
           ]
          },
          "starts_at_boot": {
           "anyOf": [
            {
             "type": "boolean"
            },
            {
             "type": "null"
            }
           ]
          },
          "settings_fault": {
           "anyOf": [
            {
             "type": "string"
            },
            {
             "type": "null"
            }
           ]
          },
          "strays": {
           "anyOf": [
            {
             "type": "integer",
             "minimum": 0
            },
            {
             "type": "null"
            }
           ]
          },
          "storage_note": {
           "anyOf": [
            {
             "type": "string"
            },
            {
             "type": "null"
            }
           ]
          },
          "keeper_fault": {
           "anyOf": [
            {
             "type": "string"
            },
            {
             "type": "null"
            }
           ]
          },
          "logger_fault": {
           "anyOf": [
            {
             "type": "string"
            },
            {
             "type": "null"
            }
           ]
          },
          "watch_fault": {
           "anyOf": [
            {
             "type": "string"
            },
            {
             "type": "null"
            }
           ]
          }
         },
         "required": [
          "connections",
          "instance",
          "last_event",
          "pid",
          "services",
          "socket",
          "started_at",
          "state_folder",
          "version"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/daemon.stop": {
   "post": {
    "operationId": "daemon.stop",
    "tags": [
     "daemon"
    ],
    "summary": "Stops the daemon.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "keep_services": {
          "anyOf": [
           {
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         },
         "force": {
          "anyOf": [
           {
            "description": "Whether services get SIGKILL at once.",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         }
        }
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "stopping": {
           "type": "integer",
           "minimum": 0
          },
          "strays": {
           "anyOf": [
            {
             "type": "integer",
             "minimum": 0
            },
            {
             "type": "null"
            }
           ]
          }
         },
         "required": [
          "stopping"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/events.list": {
   "post": {
    "operationId": "events.list",
    "tags": [
     "events"
    ],
    "summary": "Past events from the end of the log backwards, in pages.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "before": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/sequence"
           },
           {
            "type": "null"
           }
          ]
         },
         "since": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/sequence"
           },
           {
            "type": "null"
           }
          ]
         },
         "limit": {
          "anyOf": [
           {
            "description": "The most events to list.",
            "type": "integer",
            "minimum": 1,
            "maximum": 1000
           },
           {
            "type": "null"
           }
          ]
         },
         "service": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/serviceReference"
           },
           {
            "type": "null"
           }
          ]
         }
        }
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "events": {
           "description": "Oldest first.",
           "type": "array",
           "items": {
            "$ref": "#/components/schemas/event"
           }
          },
          "last": {
           "$ref": "#/components/schemas/sequence"
          },
          "before": {
           "description": "The `before` of the next, older page.",
           "$ref": "#/components/schemas/sequence"
          }
         },
         "required": [
          "events",
          "last"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/experiment.close": {
   "post": {
    "operationId": "experiment.close",
    "tags": [
     "experiment"
    ],
    "summary": "Ends a run.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "workspace": {
          "$ref": "#/components/schemas/absolutePath"
         },
         "experiment": {
          "$ref": "#/components/schemas/name"
         },
         "run": {
          "$ref": "#/components/schemas/name"
         },
         "status": {
          "anyOf": [
           {
            "enum": [
             "done",
             "failed"
            ]
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "experiment",
         "run",
         "workspace"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/experimentRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/experiment.list": {
   "post": {
    "operationId": "experiment.list",
    "tags": [
     "experiment"
    ],
    "summary": "The known runs.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "workspace": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/absolutePath"
           },
           {
            "type": "null"
           }
          ]
         },
         "experiment": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/name"
           },
           {
            "type": "null"
           }
          ]
         }
        }
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "experiments": {
           "type": "array",
           "items": {
            "$ref": "#/components/schemas/experimentRecord"
           }
          }
         },
         "required": [
          "experiments"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/experiment.open": {
   "post": {
    "operationId": "experiment.open",
    "tags": [
     "experiment"
    ],
    "summary": "Registers a run of an experiment, or finds it again.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "workspace": {
          "$ref": "#/components/schemas/absolutePath"
         },
         "experiment": {
          "$ref": "#/components/schemas/name"
         },
         "run": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/name"
           },
           {
            "type": "null"
           }
          ]
         },
         "run_mode": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/runMode"
           },
           {
            "type": "null"
           }
          ]
         },
         "hold": {
          "anyOf": [
           {
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "experiment",
         "workspace"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/experimentRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.add": {
   "post": {
    "operationId": "service.add",
    "tags": [
     "service"
    ],
    "summary": "Adds a service to an open run.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "workspace": {
          "$ref": "#/components/schemas/absolutePath"
         },
         "experiment": {
          "$ref": "#/components/schemas/name"
         },
         "run": {
          "$ref": "#/components/schemas/name"
         },
         "id": {
          "$ref": "#/components/schemas/name"
         },
         "definition": {
          "$ref": "#/components/schemas/definition"
         },
         "description": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/description"
           },
           {
            "type": "null"
           }
          ]
         },
         "update": {
          "description": "Whether a service that runs with another definition is restarted with this one.",
          "type": [
           "boolean",
           "null"
          ]
         },
         "sub_services": {
          "anyOf": [
           {
            "type": "array",
            "items": {
             "type": "object",
             "properties": {
              "id": {
               "$ref": "#/components/schemas/name"
              },
              "definition": {
               "$ref": "#/components/schemas/definition"
              },
              "description": {
               "anyOf": [
                {
                 "$ref": "#/components/schemas/description"
                },
                {
                 "type": "null"
                }
               ]
              }
             },
             "required": [
              "definition",
              "id"
             ]
            },
            "maxItems": 1000
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "definition",
         "experiment",
         "id",
         "run",
         "workspace"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "service": {
           "$ref": "#/components/schemas/serviceRecord"
          },
          "added": {
           "type": "boolean"
          },
          "replaced": {
           "type": "boolean"
          }
         },
         "required": [
          "added",
          "service"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.clear_logs": {
   "post": {
    "operationId": "service.clear_logs",
    "tags": [
     "service"
    ],
    "summary": "Empties the logs of a service.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         }
        },
        "required": [
         "service"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "paths": {
           "description": "The files that were emptied.",
           "type": "array",
           "items": {
            "$ref": "#/components/schemas/absolutePath"
           }
          }
         },
         "required": [
          "paths"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.get": {
   "post": {
    "operationId": "service.get",
    "tags": [
     "service"
    ],
    "summary": "One service with its definition.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         },
         "usage": {
          "anyOf": [
           {
            "description": "Whether records include what services use.",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         },
         "effective": {
          "anyOf": [
           {
            "description": "Whether the reply has the definition as it is run, too (default: false).",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "service"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "service": {
           "$ref": "#/components/schemas/serviceRecord"
          },
          "definition": {
           "$ref": "#/components/schemas/definition"
          },
          "effective": {
           "anyOf": [
            {
             "$ref": "#/components/schemas/definition"
            },
            {
             "type": "null"
            }
           ]
          },
          "effective_fault": {
           "anyOf": [
            {
             "description": "Why a start now would fail.",
             "type": "string"
            },
            {
             "type": "null"
            }
           ]
          }
         },
         "required": [
          "definition",
          "service"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.list": {
   "post": {
    "operationId": "service.list",
    "tags": [
     "service"
    ],
    "summary": "Services in the order in which they were added, in pages.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "workspace": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/absolutePath"
           },
           {
            "type": "null"
           }
          ]
         },
         "experiment": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/name"
           },
           {
            "type": "null"
           }
          ]
         },
         "run": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/name"
           },
           {
            "type": "null"
           }
          ]
         },
         "cursor": {
          "anyOf": [
           {
            "type": "integer"
           },
           {
            "type": "null"
           }
          ]
         },
         "usage": {
          "anyOf": [
           {
            "description": "Whether records include what services use.",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         },
         "services": {
          "anyOf": [
           {
            "description": "Only these services.",
            "type": "array",
            "items": {
             "$ref": "#/components/schemas/serviceReference"
            },
            "maxItems": 256
           },
           {
            "type": "null"
           }
          ]
         }
        }
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "services": {
           "type": "array",
           "items": {
            "$ref": "#/components/schemas/serviceRecord"
           }
          },
          "next": {
           "anyOf": [
            {
             "type": "integer"
            },
            {
             "type": "null"
            }
           ]
          },
          "strays": {
           "anyOf": [
            {
             "type": "integer",
             "minimum": 0
            },
            {
             "type": "null"
            }
           ]
          }
         },
         "required": [
          "services"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.logs": {
   "post": {
    "operationId": "service.logs",
    "tags": [
     "service"
    ],
    "summary": "What a service wrote: lines of both logs in one order (`streams`), or a piece of one log (`stream`).",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         },
         "stream": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/stream"
           },
           {
            "type": "null"
           }
          ]
         },
         "streams": {
          "anyOf": [
           {
            "type": "array",
            "items": {
             "$ref": "#/components/schemas/stream"
            },
            "minItems": 1,
            "uniqueItems": true
           },
           {
            "type": "null"
           }
          ]
         },
         "lines": {
          "anyOf": [
           {
            "type": "integer",
            "minimum": 0
           },
           {
            "type": "null"
           }
          ]
         },
         "offset": {
          "anyOf": [
           {
            "type": "integer",
            "minimum": 0
           },
           {
            "type": "null"
           }
          ]
         },
         "cursor": {
          "anyOf": [
           {
            "description": "The cursor of an earlier page.",
            "type": "string",
            "maxLength": 1024
           },
           {
            "type": "null"
           }
          ]
         },
         "wait_s": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/seconds"
           },
           {
            "type": "null"
           }
          ]
         },
         "since": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/timestamp"
           },
           {
            "type": "null"
           }
          ]
         },
         "until": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/timestamp"
           },
           {
            "type": "null"
           }
          ]
         },
         "timestamps": {
          "anyOf": [
           {
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         },
         "attempt": {
          "anyOf": [
           {
            "type": "integer",
            "minimum": 0
           },
           {
            "type": "null"
           }
          ]
         },
         "last_attempt": {
          "anyOf": [
           {
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         },
         "grep": {
          "anyOf": [
           {
            "description": "A regular expression of PCRE2.",
            "type": "string",
            "maxLength": 1024
           },
           {
            "type": "null"
           }
          ]
         },
         "partial": {
          "anyOf": [
           {
            "description": "Whether the last line is given although it is not finished.",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "service"
        ],
        "oneOf": [
         {
          "title": "a piece of one log",
          "required": [
           "stream"
          ],
          "properties": {
           "stream": {
            "$ref": "#/components/schemas/stream"
           },
           "streams": {
            "type": "null"
           },
           "cursor": {
            "type": "null"
           },
           "attempt": {
            "type": "null"
           },
           "grep": {
            "type": "null"
           },
           "partial": {
            "type": "null"
           }
          }
         },
         {
          "title": "lines in one order",
          "required": [
           "streams"
          ],
          "properties": {
           "streams": {
            "type": "array",
            "items": {
             "$ref": "#/components/schemas/stream"
            },
            "minItems": 1,
            "uniqueItems": true
           },
           "stream": {
            "type": "null"
           },
           "offset": {
            "type": "null"
           },
           "timestamps": {
            "type": "null"
           }
          },
          "allOf": [
           {
            "anyOf": [
             {
              "properties": {
               "cursor": {
                "type": "null"
               }
              }
             },
             {
              "properties": {
               "lines": {
                "type": "null"
               }
              }
             }
            ]
           },
           {
            "anyOf": [
             {
              "properties": {
               "wait_s": {
                "type": "null"
               }
              }
             },
             {
              "required": [
               "cursor"
              ],
              "properties": {
               "cursor": {
                "type": "string"
               }
              }
             }
            ]
           },
           {
            "anyOf": [
             {
              "properties": {
               "attempt": {
                "type": "null"
               }
              }
             },
             {
              "properties": {
               "last_attempt": {
                "enum": [
                 false,
                 null
                ]
               }
              }
             }
            ]
           }
          ]
         }
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "oneOf": [
          {
           "title": "a piece of one log",
           "type": "object",
           "properties": {
            "text": {
             "type": "string"
            },
            "next": {
             "type": "integer",
             "minimum": 0
            },
            "path": {
             "$ref": "#/components/schemas/absolutePath"
            },
            "times": {
             "anyOf": [
              {
               "type": "array",
               "items": {
                "type": "object",
                "properties": {
                 "at": {
                  "$ref": "#/components/schemas/timestamp"
                 },
                 "lines": {
                  "type": "integer",
                  "minimum": 1
                 }
                },
                "required": [
                 "at",
                 "lines"
                ]
               }
              },
              {
               "type": "null"
              }
             ]
            }
           },
           "required": [
            "next",
            "path",
            "text"
           ]
          },
          {
           "title": "lines in one order",
           "type": "object",
           "properties": {
            "entries": {
             "type": "array",
             "maxItems": 16384,
             "items": {
              "description": "A line, or a part of one.",
              "type": "object",
              "properties": {
               "stream": {
                "$ref": "#/components/schemas/stream"
               },
               "attempt": {
                "description": "The attempt that wrote it; 0 if not known.",
                "type": "integer",
                "minimum": 0
               },
               "at_us": {
                "description": "When its first byte arrived, in microseconds since 1970.",
                "type": "integer"
               },
               "text": {
                "description": "Without the line feed at its end.",
                "type": "string"
               },
               "open": {
                "anyOf": [
                 {
                  "description": "It may go on in a later entry.",
                  "type": "boolean"
                 },
                 {
                  "type": "null"
                 }
                ]
               },
               "continues": {
                "anyOf": [
                 {
                  "description": "It continues the last entry of its stream.",
                  "type": "boolean"
                 },
                 {
                  "type": "null"
                 }
                ]
               },
               "note": {
                "anyOf": [
                 {
                  "description": "Written by xpmd's logger.",
                  "type": "boolean"
                 },
                 {
                  "type": "null"
                 }
                ]
               },
               "dropped": {
                "anyOf": [
                 {
                  "description": "Lines that were dropped right before it.",
                  "type": "integer",
                  "minimum": 0
                 },
                 {
                  "type": "null"
                 }
                ]
               },
               "estimated": {
                "anyOf": [
                 {
                  "description": "No record has its time.",
                  "type": "boolean"
                 },
                 {
                  "type": "null"
                 }
                ]
               }
              },
              "required": [
               "at_us",
               "attempt",
               "stream",
               "text"
              ]
             }
            },
            "attempts": {
             "description": "The attempts of which there are entries, in order.",
             "type": "array",
             "items": {
              "type": "object",
              "properties": {
               "attempt": {
                "type": "integer",
                "minimum": 1
               },
               "began": {
                "anyOf": [
                 {
                  "$ref": "#/components/schemas/timestamp"
                 },
                 {
                  "type": "null"
                 }
                ]
               }
              },
              "required": [
               "attempt"
              ]
             }
            },
            "cursor": {
             "description": "Where to go on.",
             "type": "string",
             "maxLength": 1024
            },
            "more": {
             "description": "Whether there is more at once.",
             "type": "boolean"
            },
            "lost": {
             "anyOf": [
              {
               "description": "What is gone of what was still to come.",
               "type": "array",
               "items": {
                "type": "object",
                "properties": {
                 "stream": {
                  "$ref": "#/components/schemas/stream"
                 },
                 "bytes": {
                  "anyOf": [
                   {
                    "type": "integer",
                    "minimum": 0
                   },
                   {
                    "type": "null"
                   }
                  ]
                 }
                },
                "required": [
                 "stream"
                ]
               }
              },
              {
               "type": "null"
              }
             ]
            },
            "faults": {
             "anyOf": [
              {
               "description": "What is wrong with the files, sentences.",
               "type": "array",
               "items": {
                "type": "string"
               }
              },
              {
               "type": "null"
              }
             ]
            },
            "paths": {
             "type": "object",
             "properties": {
              "stdout": {
               "anyOf": [
                {
                 "$ref": "#/components/schemas/absolutePath"
                },
                {
                 "type": "null"
                }
               ]
              },
              "stderr": {
               "anyOf": [
                {
                 "$ref": "#/components/schemas/absolutePath"
                },
                {
                 "type": "null"
                }
               ]
              }
             }
            }
           },
           "required": [
            "attempts",
            "cursor",
            "entries",
            "more",
            "paths"
           ]
          }
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.prune": {
   "post": {
    "operationId": "service.prune",
    "tags": [
     "service"
    ],
    "summary": "Removes stopped services of ended runs, and log files that belong to no service.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "workspace": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/absolutePath"
           },
           {
            "type": "null"
           }
          ]
         },
         "older_than_s": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/seconds"
           },
           {
            "type": "null"
           }
          ]
         },
         "dry_run": {
          "anyOf": [
           {
            "description": "Only report what would be removed.",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         },
         "as_of": {
          "anyOf": [
           {
            "description": "Remove only what a dry run with this as_of has reported.",
            "type": "integer"
           },
           {
            "type": "null"
           }
          ]
         }
        }
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "services": {
           "type": "array",
           "maxItems": 5000,
           "items": {
            "type": "object",
            "properties": {
             "workspace": {
              "$ref": "#/components/schemas/absolutePath"
             },
             "name": {
              "type": "string"
             },
             "since": {
              "$ref": "#/components/schemas/timestamp"
             }
            },
            "required": [
             "workspace",
             "name",
             "since"
            ]
           }
          },
          "logs": {
           "type": "array",
           "maxItems": 5000,
           "items": {
            "type": "object",
            "properties": {
             "path": {
              "$ref": "#/components/schemas/absolutePath"
             },
             "bytes": {
              "type": "integer",
              "minimum": 0
             }
            },
            "required": [
             "path",
             "bytes"
            ]
           }
          },
          "more": {
           "type": "boolean"
          },
          "as_of": {
           "type": "integer"
          },
          "logs_kept": {
           "anyOf": [
            {
             "type": "string"
            },
            {
             "type": "null"
            }
           ]
          }
         },
         "required": [
          "services",
          "logs",
          "more",
          "as_of"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.remove": {
   "post": {
    "operationId": "service.remove",
    "tags": [
     "service"
    ],
    "summary": "Removes a service that has no process.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         },
         "logs": {
          "anyOf": [
           {
            "description": "Whether the service's log files below the state folder are deleted first (default: false).",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "service"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/serviceRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.restart": {
   "post": {
    "operationId": "service.restart",
    "tags": [
     "service"
    ],
    "summary": "Restarts a service.",
    "x-xpm-scope": "control",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         },
         "force": {
          "anyOf": [
           {
            "description": "Whether its processes get SIGKILL at once.",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         },
         "grace_s": {
          "anyOf": [
           {
            "description": "The grace period for this stop.",
            "$ref": "#/components/schemas/seconds"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "service"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/serviceRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.signal": {
   "post": {
    "operationId": "service.signal",
    "tags": [
     "service"
    ],
    "summary": "Sends a signal to a service.",
    "x-xpm-scope": "control",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         },
         "signal": {
          "description": "A name in any case, with or without SIG, or a number.",
          "type": "string"
         },
         "all": {
          "anyOf": [
           {
            "description": "Whether to send it to all its processes.",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "service",
         "signal"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/serviceRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.start": {
   "post": {
    "operationId": "service.start",
    "tags": [
     "service"
    ],
    "summary": "Starts a service.",
    "x-xpm-scope": "control",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         },
         "since": {
          "anyOf": [
           {
            "type": "integer"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "service"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/serviceRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.stop": {
   "post": {
    "operationId": "service.stop",
    "tags": [
     "service"
    ],
    "summary": "Stops a service.",
    "x-xpm-scope": "control",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         },
         "force": {
          "anyOf": [
           {
            "description": "Whether its processes get SIGKILL at once.",
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         },
         "grace_s": {
          "anyOf": [
           {
            "description": "The grace period for this stop.",
            "$ref": "#/components/schemas/seconds"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "service"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/serviceRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/service.wait": {
   "post": {
    "operationId": "service.wait",
    "tags": [
     "service"
    ],
    "summary": "Answers when a service has reached the given goal.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "service": {
          "$ref": "#/components/schemas/serviceReference"
         },
         "goal": {
          "enum": [
           "running",
           "ended",
           "settled"
          ]
         },
         "timeout_s": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/seconds"
           },
           {
            "type": "null"
           }
          ]
         },
         "steady_s": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/seconds"
           },
           {
            "type": "null"
           }
          ]
         },
         "since": {
          "anyOf": [
           {
            "description": "The revision of the record that the wait starts from.",
            "type": "integer"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "goal",
         "service"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/serviceRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/stray.adopt": {
   "post": {
    "operationId": "stray.adopt",
    "tags": [
     "stray"
    ],
    "summary": "Makes a stray an ordinary service with the same process.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "stray": {
          "$ref": "#/components/schemas/stray"
         },
         "workspace": {
          "$ref": "#/components/schemas/absolutePath"
         },
         "experiment": {
          "$ref": "#/components/schemas/name"
         },
         "run": {
          "$ref": "#/components/schemas/name"
         },
         "id": {
          "$ref": "#/components/schemas/serviceId"
         },
         "description": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/description"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "experiment",
         "id",
         "run",
         "stray",
         "workspace"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/serviceRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/stray.ignore": {
   "post": {
    "operationId": "stray.ignore",
    "tags": [
     "stray"
    ],
    "summary": "Keeps a stray running and no longer reports it.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "stray": {
          "$ref": "#/components/schemas/stray"
         },
         "ignored": {
          "anyOf": [
           {
            "type": "boolean"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "stray"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/stray.list": {
   "post": {
    "operationId": "stray.list",
    "tags": [
     "stray"
    ],
    "summary": "Processes of the keeper that belong to no known service.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {}
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "strays": {
           "type": "array",
           "items": {
            "$ref": "#/components/schemas/strayRecord"
           }
          },
          "faults": {
           "description": "Why something is missing: a sentence for each process that does not answer.",
           "type": "array",
           "items": {
            "type": "string"
           }
          }
         },
         "required": [
          "strays"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/stray.stop": {
   "post": {
    "operationId": "stray.stop",
    "tags": [
     "stray"
    ],
    "summary": "Stops a stray: SIGTERM, a grace period, SIGKILL.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "stray": {
          "$ref": "#/components/schemas/stray"
         },
         "grace_s": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/seconds"
           },
           {
            "type": "null"
           }
          ]
         }
        },
        "required": [
         "stray"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/template.list": {
   "post": {
    "operationId": "template.list",
    "tags": [
     "template"
    ],
    "summary": "The templates that can be started.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {}
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "templates": {
           "type": "array",
           "items": {
            "$ref": "#/components/schemas/templateRecord"
           }
          },
          "faults": {
           "description": "Why there may be more templates: a sentence for each folder that does not answer.",
           "type": "array",
           "items": {
            "type": "string"
           }
          }
         },
         "required": [
          "templates"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/workspace.list": {
   "post": {
    "operationId": "workspace.list",
    "tags": [
     "workspace"
    ],
    "summary": "The watched workspaces.",
    "x-xpm-scope": "read",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": false,
     "content": {
      "application/json": {
       "schema": {
        "type": "object"
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "workspaces": {
           "type": "array",
           "items": {
            "$ref": "#/components/schemas/workspaceRecord"
           }
          }
         },
         "required": [
          "workspaces"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/workspace.unwatch": {
   "post": {
    "operationId": "workspace.unwatch",
    "tags": [
     "workspace"
    ],
    "summary": "Stops watching a workspace.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "workspace": {
          "$ref": "#/components/schemas/absolutePath"
         }
        },
        "required": [
         "workspace"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "$ref": "#/components/schemas/workspaceRecord"
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  },
  "/api/v1/workspace.watch": {
   "post": {
    "operationId": "workspace.watch",
    "tags": [
     "workspace"
    ],
    "summary": "Watches a workspace of experimaestro and lists the services of all its runs.",
    "x-xpm-scope": "all",
    "parameters": [
     {
      "$ref": "#/components/parameters/request"
     }
    ],
    "requestBody": {
     "required": true,
     "content": {
      "application/json": {
       "schema": {
        "type": "object",
        "properties": {
         "workspace": {
          "$ref": "#/components/schemas/absolutePath"
         }
        },
        "required": [
         "workspace"
        ]
       }
      }
     }
    },
    "responses": {
     "200": {
      "description": "The result.",
      "content": {
       "application/json": {
        "schema": {
         "type": "object",
         "properties": {
          "workspace": {
           "$ref": "#/components/schemas/workspaceRecord"
          },
          "added": {
           "type": "boolean"
          }
         },
         "required": [
          "added",
          "workspace"
         ]
        }
       }
      }
     },
     "default": {
      "$ref": "#/components/responses/refused"
     }
    }
   }
  }
 },
 "components": {
  "securitySchemes": {
   "token": {
    "type": "http",
    "scheme": "bearer",
    "description": "Made by `xpmctl web token`."
   },
   "session": {
    "type": "apiKey",
    "in": "cookie",
    "name": "__Host-xpm",
    "description": "Of a browser that is signed in."
   }
  },
  "parameters": {
   "request": {
    "name": "X-XPM-Request",
    "in": "header",
    "required": false,
    "schema": {
     "const": "1"
    },
    "description": "Needed with a session, so that no other page can send the request; not with a token."
   }
  },
  "responses": {
   "refused": {
    "description": "The request was refused.",
    "content": {
     "application/json": {
      "schema": {
       "$ref": "#/components/schemas/refusal"
      }
     }
    }
   }
  },
  "schemas": {
   "name": {
    "description": "A name of an experiment, a run or a service: at most 128 bytes of UTF-8; see README, Names.",
    "type": "string",
    "minLength": 1,
    "maxLength": 128,
    "pattern": "^[^/@:\\u0000-\\u001f\\u007f-\\u009f]+$",
    "not": {
     "enum": [
      ".",
      ".."
     ]
    }
   },
   "description": {
    "description": "One line for people: at most 4096 bytes of UTF-8; see README, Limits.",
    "type": "string",
    "maxLength": 4096
   },
   "serviceId": {
    "description": "A service's id within its run, `service` or `service/sub`.",
    "type": "string",
    "pattern": "^[^/@:\\u0000-\\u001f\\u007f-\\u009f]+(/[^/@:\\u0000-\\u001f\\u007f-\\u009f]+)?$"
   },
   "absolutePath": {
    "description": "An absolute path.",
    "type": "string",
    "pattern": "^/[^\\u0000]*$",
    "maxLength": 4095
   },
   "timestamp": {
    "description": "A moment, RFC 3339; written in UTC with three digits of the fraction.",
    "type": "string",
    "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[+-]\\d{2}:\\d{2})$"
   },
   "seconds": {
    "description": "A span of time in seconds.",
    "type": "number",
    "minimum": 0,
    "maximum": 1000000000
   },
   "sequence": {
    "description": "A sequence number of the event log.",
    "type": "integer",
    "minimum": 0
   },
   "state": {
    "enum": [
     "STOPPED",
     "STARTING",
     "RUNNING",
     "STOPPING",
     "ERROR"
    ]
   },
   "runMode": {
    "enum": [
     "NORMAL",
     "GENERATE_ONLY",
     "DRY_RUN",
     "PREPARE"
    ]
   },
   "stream": {
    "enum": [
     "stdout",
     "stderr"
    ]
   },
   "serviceReference": {
    "description": "A way to name a service: `[experiment[@run]:]service[/sub]`, or an object with the parts.",
    "anyOf": [
     {
      "type": "string",
      "pattern": "^([^/@:]+(@[^/@:]+)?:)?[^/@:]+(/[^/@:]+)?$"
     },
     {
      "type": "object",
      "properties": {
       "id": {
        "description": "The id, or any of the string forms.",
        "type": "string"
       },
       "experiment": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       },
       "run": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       },
       "workspace": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/absolutePath"
         },
         {
          "type": "null"
         }
        ]
       },
       "near": {
        "anyOf": [
         {
          "description": "The caller's folder; it decides between several workspaces.",
          "$ref": "#/components/schemas/absolutePath"
         },
         {
          "type": "null"
         }
        ]
       },
       "here": {
        "description": "Services of folders that are not around near are no candidates, unless experiment or workspace is given.",
        "type": [
         "boolean",
         "null"
        ]
       }
      },
      "required": [
       "id"
      ]
     }
    ]
   },
   "exitReport": {
    "description": "How a process ended; neither code nor signal if that is unknown.",
    "type": "object",
    "properties": {
     "at": {
      "$ref": "#/components/schemas/timestamp"
     },
     "code": {
      "anyOf": [
       {
        "type": "integer"
       },
       {
        "type": "null"
       }
      ]
     },
     "signal": {
      "anyOf": [
       {
        "type": "string",
        "pattern": "^SIG[A-Z0-9+]+$"
       },
       {
        "type": "null"
       }
      ]
     },
     "out_of_memory": {
      "anyOf": [
       {
        "description": "Whether its memory limit killed it.",
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     },
     "hosted": {
      "anyOf": [
       {
        "description": "Whether it is the end of a hosted service, as its client reported it.",
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     },
     "by": {
      "anyOf": [
       {
        "description": "Why xpmd ended it; more reasons may be added.",
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "at"
    ],
    "not": {
     "required": [
      "code",
      "signal"
     ],
     "properties": {
      "code": {
       "type": "integer"
      },
      "signal": {
       "type": "string"
      }
     }
    }
   },
   "retryReport": {
    "description": "The next automatic restart.",
    "type": "object",
    "properties": {
     "at": {
      "$ref": "#/components/schemas/timestamp"
     },
     "number": {
      "type": "integer",
      "minimum": 1
     },
     "limit": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "at",
     "number"
    ]
   },
   "healthReport": {
    "description": "The results of its last health checks.",
    "type": "object",
    "properties": {
     "failures": {
      "type": "integer",
      "minimum": 0
     },
     "error": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "not_checked": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "at": {
      "$ref": "#/components/schemas/timestamp"
     }
    },
    "required": [
     "at",
     "failures"
    ]
   },
   "usageReport": {
    "description": "What all processes of a service use; values that could not be measured are left out.",
    "type": "object",
    "properties": {
     "memory_bytes": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 0
       },
       {
        "type": "null"
       }
      ]
     },
     "cpu_s": {
      "anyOf": [
       {
        "type": "number",
        "minimum": 0
       },
       {
        "type": "null"
       }
      ]
     },
     "processes": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 0
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "stateValue": {
    "description": "A value of a state_dict: any JSON; an object with `__path__` is a path.",
    "if": {
     "type": "object",
     "required": [
      "__path__"
     ]
    },
    "then": {
     "type": "object",
     "properties": {
      "__path__": {
       "type": "string",
       "minLength": 1
      }
     },
     "additionalProperties": true
    },
    "else": {
     "anyOf": [
      {
       "type": [
        "null",
        "boolean",
        "number",
        "string"
       ]
      },
      {
       "type": "array",
       "items": {
        "$ref": "#/components/schemas/stateValue"
       }
      },
      {
       "type": "object",
       "additionalProperties": {
        "$ref": "#/components/schemas/stateValue"
       }
      }
     ]
    }
   },
   "stateDict": {
    "description": "The constructor's arguments by name.",
    "type": "object",
    "properties": {
     "__unserializable__": {
      "type": "boolean"
     },
     "__reason__": {
      "type": "string"
     }
    },
    "additionalProperties": {
     "$ref": "#/components/schemas/stateValue"
    }
   },
   "parameterValue": {
    "type": [
     "string",
     "integer",
     "boolean"
    ],
    "maxLength": 131071
   },
   "argument": {
    "description": "An argument of a program: at most 131071 bytes of UTF-8.",
    "type": "string",
    "maxLength": 131071
   },
   "arguments": {
    "description": "A command and its arguments; no shell.",
    "type": "array",
    "items": {
     "$ref": "#/components/schemas/argument"
    },
    "minItems": 1,
    "maxItems": 16384
   },
   "interpreterSource": {
    "description": "How the interpreter of a service was found.",
    "enum": [
     "definition",
     "process",
     "job",
     "remembered",
     "configured"
    ]
   },
   "interpreterReport": {
    "description": "The interpreter that a service is created again with.",
    "type": "object",
    "properties": {
     "python": {
      "$ref": "#/components/schemas/absolutePath"
     },
     "from": {
      "$ref": "#/components/schemas/interpreterSource"
     }
    },
    "required": [
     "python",
     "from"
    ]
   },
   "run": {
    "description": "What to run; `kind` says which form it has.",
    "type": "object",
    "required": [
     "kind"
    ],
    "oneOf": [
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "command"
       },
       "arguments": {
        "type": "array",
        "items": {
         "$ref": "#/components/schemas/argument"
        },
        "minItems": 1,
        "maxItems": 16384
       }
      },
      "required": [
       "arguments",
       "kind"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "template"
       },
       "template": {
        "$ref": "#/components/schemas/name"
       },
       "parameters": {
        "anyOf": [
         {
          "type": "object",
          "additionalProperties": {
           "$ref": "#/components/schemas/parameterValue"
          },
          "maxProperties": 1024
         },
         {
          "type": "null"
         }
        ]
       },
       "arguments": {
        "description": "Arguments to append to the template's own.",
        "type": [
         "array",
         "null"
        ],
        "items": {
         "$ref": "#/components/schemas/argument"
        },
        "maxItems": 16384
       }
      },
      "required": [
       "kind",
       "template"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "recreate"
       },
       "python": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/absolutePath"
         },
         {
          "type": "null"
         }
        ]
       },
       "python_from": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/interpreterSource"
         },
         {
          "type": "null"
         }
        ]
       },
       "path": {
        "anyOf": [
         {
          "type": "array",
          "items": {
           "type": "string",
           "maxLength": 4095
          },
          "maxItems": 16384
         },
         {
          "type": "null"
         }
        ]
       },
       "main": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/absolutePath"
         },
         {
          "type": "null"
         }
        ]
       },
       "argv": {
        "anyOf": [
         {
          "type": "array",
          "items": {
           "$ref": "#/components/schemas/argument"
          },
          "maxItems": 16384
         },
         {
          "type": "null"
         }
        ]
       },
       "part": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/name"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "kind"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "composite"
       }
      },
      "required": [
       "kind"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "hosted"
       }
      },
      "required": [
       "kind"
      ]
     }
    ]
   },
   "logPattern": {
    "type": "object",
    "properties": {
     "pattern": {
      "description": "A regular expression of PCRE2; its group `url`, else its first, captures the URL.",
      "type": "string",
      "maxLength": 1024
     },
     "stream": {
      "anyOf": [
       {
        "enum": [
         "stdout",
         "stderr",
         "both"
        ]
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "pattern"
    ]
   },
   "httpProbe": {
    "description": "A page that answers with one of `status`.",
    "type": "object",
    "properties": {
     "url": {
      "anyOf": [
       {
        "type": "string",
        "maxLength": 4096
       },
       {
        "type": "null"
       }
      ]
     },
     "path": {
      "anyOf": [
       {
        "description": "Replaces the path of the URL.",
        "type": "string",
        "pattern": "^/[!-~]*$",
        "maxLength": 4096
       },
       {
        "type": "null"
       }
      ]
     },
     "status": {
      "anyOf": [
       {
        "type": "array",
        "items": {
         "type": "integer",
         "minimum": 100,
         "maximum": 599
        },
        "minItems": 1,
        "maxItems": 500
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "tcpProbe": {
    "description": "A TCP port that accepts a connection (default: the service's own port).",
    "type": "object",
    "properties": {
     "host": {
      "anyOf": [
       {
        "type": "string",
        "minLength": 1,
        "maxLength": 255
       },
       {
        "type": "null"
       }
      ]
     },
     "port": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1,
        "maximum": 65535
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "unixProbe": {
    "description": "A Unix stream socket that accepts a connection; a relative path is below the service's folder.",
    "type": "object",
    "properties": {
     "path": {
      "type": "string",
      "pattern": "^[^\\u0000]+$",
      "maxLength": 4095
     }
    },
    "required": [
     "path"
    ]
   },
   "commandProbe": {
    "description": "A command that ends with exit code 0.",
    "type": "object",
    "properties": {
     "arguments": {
      "$ref": "#/components/schemas/arguments"
     }
    },
    "required": [
     "arguments"
    ]
   },
   "readiness": {
    "description": "When a service counts as RUNNING: all conditions given, one after the other in the order of these properties.",
    "type": "object",
    "properties": {
     "log": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/logPattern"
       },
       {
        "type": "null"
       }
      ]
     },
     "notify": {
      "anyOf": [
       {
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     },
     "http": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/httpProbe"
       },
       {
        "type": "null"
       }
      ]
     },
     "tcp": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/tcpProbe"
       },
       {
        "type": "null"
       }
      ]
     },
     "unix": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/unixProbe"
       },
       {
        "type": "null"
       }
      ]
     },
     "command": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/commandProbe"
       },
       {
        "type": "null"
       }
      ]
     },
     "delay_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "initial_delay_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "successes": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "any_listener": {
      "anyOf": [
       {
        "description": "Whether a process that is not the service's may answer.",
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     },
     "timeout_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "stopPolicy": {
    "type": "object",
    "properties": {
     "signal": {
      "anyOf": [
       {
        "description": "A name in any case, with or without SIG, or a number.",
        "type": "string",
        "pattern": "^[A-Za-z0-9+-]+$",
        "maxLength": 1024
       },
       {
        "type": "null"
       }
      ]
     },
     "command": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/arguments"
       },
       {
        "type": "null"
       }
      ]
     },
     "grace_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "restartPolicy": {
    "description": "When a service that ended is restarted automatically.",
    "type": "object",
    "properties": {
     "policy": {
      "anyOf": [
       {
        "enum": [
         "never",
         "on-failure",
         "always"
        ]
       },
       {
        "type": "null"
       }
      ]
     },
     "delay_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "max_delay_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "reset_after_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "limit": {
      "anyOf": [
       {
        "description": "0 for unlimited.",
        "type": "integer",
        "minimum": 0,
        "maximum": 1000000
       },
       {
        "type": "null"
       }
      ]
     },
     "after_reboot": {
      "anyOf": [
       {
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "healthPolicy": {
    "description": "Health checks of a RUNNING service; at least one probe.",
    "type": "object",
    "properties": {
     "http": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/httpProbe"
       },
       {
        "type": "null"
       }
      ]
     },
     "tcp": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/tcpProbe"
       },
       {
        "type": "null"
       }
      ]
     },
     "unix": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/unixProbe"
       },
       {
        "type": "null"
       }
      ]
     },
     "command": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/commandProbe"
       },
       {
        "type": "null"
       }
      ]
     },
     "initial_delay_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "successes": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "any_listener": {
      "anyOf": [
       {
        "description": "Whether a process that is not the service's may answer.",
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     },
     "interval_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "timeout_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "threshold": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1,
        "maximum": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "action": {
      "anyOf": [
       {
        "enum": [
         "restart",
         "error",
         "report"
        ]
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "logPolicy": {
    "description": "Where output goes, and how much of it is kept.",
    "type": "object",
    "properties": {
     "to": {
      "anyOf": [
       {
        "enum": [
         "files",
         "direct",
         "journal",
         "null"
        ]
       },
       {
        "type": "null"
       }
      ]
     },
     "max_bytes": {
      "anyOf": [
       {
        "description": "0 for never rotated.",
        "anyOf": [
         {
          "const": 0
         },
         {
          "type": "integer",
          "minimum": 65536
         }
        ]
       },
       {
        "type": "null"
       }
      ]
     },
     "max_age_s": {
      "anyOf": [
       {
        "description": "0 for never rotated by age.",
        "anyOf": [
         {
          "const": 0
         },
         {
          "type": "number",
          "minimum": 60,
          "maximum": 315360000
         }
        ]
       },
       {
        "type": "null"
       }
      ]
     },
     "keep": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 0,
        "maximum": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "stdout": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/absolutePath"
       },
       {
        "type": "null"
       }
      ]
     },
     "stderr": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/absolutePath"
       },
       {
        "type": "null"
       }
      ]
     },
     "fresh": {
      "anyOf": [
       {
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "terminalPolicy": {
    "description": "Whether output goes to a terminal of the service's own, or the size of that.",
    "anyOf": [
     {
      "type": "boolean"
     },
     {
      "type": "object",
      "properties": {
       "columns": {
        "anyOf": [
         {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000
         },
         {
          "type": "null"
         }
        ]
       },
       "rows": {
        "anyOf": [
         {
          "type": "integer",
          "minimum": 1,
          "maximum": 1000
         },
         {
          "type": "null"
         }
        ]
       }
      }
     }
    ]
   },
   "resourceLimits": {
    "description": "The limits of a service.",
    "type": "object",
    "properties": {
     "memory_bytes": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1048576
       },
       {
        "type": "null"
       }
      ]
     },
     "tasks": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1
       },
       {
        "type": "null"
       }
      ]
     },
     "cpu_weight": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1,
        "maximum": 10000
       },
       {
        "type": "null"
       }
      ]
     },
     "nice": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": -20,
        "maximum": 19
       },
       {
        "type": "null"
       }
      ]
     },
     "oom_score": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": -1000,
        "maximum": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "rlimits": {
      "anyOf": [
       {
        "type": "object",
        "propertyNames": {
         "enum": [
          "cpu",
          "fsize",
          "data",
          "stack",
          "core",
          "rss",
          "nproc",
          "nofile",
          "memlock",
          "as",
          "locks",
          "sigpending",
          "msgqueue",
          "nice",
          "rtprio",
          "rttime"
         ]
        },
        "additionalProperties": {
         "description": "-1 for unlimited.",
         "type": "integer",
         "minimum": -1
        }
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "lifetimePolicy": {
    "description": "What happens to a service after its run ended.",
    "type": "object",
    "properties": {
     "after_experiment": {
      "enum": [
       "keep",
       "stop"
      ]
     },
     "delay_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "after_experiment"
    ]
   },
   "webPolicy": {
    "description": "How a service's page is reached through a gateway.",
    "type": "object",
    "properties": {
     "prefix": {
      "anyOf": [
       {
        "enum": [
         "keep",
         "strip",
         "none"
        ]
       },
       {
        "type": "null"
       }
      ]
     },
     "host": {
      "anyOf": [
       {
        "description": "`keep`, `backend` or a host.",
        "type": "string",
        "minLength": 1,
        "maxLength": 255
       },
       {
        "type": "null"
       }
      ]
     },
     "origin": {
      "anyOf": [
       {
        "description": "`keep`, `backend`, `remove` or an origin.",
        "type": "string",
        "minLength": 1,
        "maxLength": 4096
       },
       {
        "type": "null"
       }
      ]
     },
     "rewrite": {
      "type": [
       "boolean",
       "null"
      ]
     },
     "path": {
      "anyOf": [
       {
        "type": "string",
        "pattern": "^/",
        "maxLength": 4096
       },
       {
        "type": "null"
       }
      ]
     },
     "ports": {
      "anyOf": [
       {
        "description": "Ports by their names; 0 to let xpmd choose one, and in a record until it has.",
        "type": "object",
        "propertyNames": {
         "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$",
         "maxLength": 20
        },
        "additionalProperties": {
         "type": "integer",
         "minimum": 0,
         "maximum": 65535
        },
        "maxProperties": 16
       },
       {
        "type": "null"
       }
      ]
     },
     "socket": {
      "anyOf": [
       {
        "description": "A Unix socket; in a record an absolute path.",
        "type": "string",
        "minLength": 1,
        "maxLength": 4095
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "idlePolicy": {
    "description": "After how long without traffic a service is stopped.",
    "type": "object",
    "properties": {
     "after_s": {
      "$ref": "#/components/schemas/seconds"
     },
     "probe": {
      "anyOf": [
       {
        "description": "What tells whether it is busy without traffic.",
        "type": "object",
        "properties": {
         "http": {
          "anyOf": [
           {
            "type": "object",
            "properties": {
             "path": {
              "type": "string",
              "maxLength": 4096
             },
             "field": {
              "type": "string",
              "minLength": 1,
              "maxLength": 1024
             }
            },
            "required": [
             "path",
             "field"
            ]
           },
           {
            "type": "null"
           }
          ]
         },
         "command": {
          "anyOf": [
           {
            "$ref": "#/components/schemas/arguments"
           },
           {
            "type": "null"
           }
          ]
         }
        }
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "after_s"
    ]
   },
   "definition": {
    "description": "How to run a service.",
    "type": "object",
    "properties": {
     "run": {
      "$ref": "#/components/schemas/run"
     },
     "class": {
      "anyOf": [
       {
        "description": "`module.Name` of the class that it is an instance of.",
        "type": "string",
        "maxLength": 1024
       },
       {
        "type": "null"
       }
      ]
     },
     "state_dict": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/stateDict"
       },
       {
        "type": "null"
       }
      ]
     },
     "folder": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/absolutePath"
       },
       {
        "type": "null"
       }
      ]
     },
     "environment": {
      "anyOf": [
       {
        "type": "object",
        "additionalProperties": {
         "type": "string",
         "maxLength": 131071
        },
        "maxProperties": 16384
       },
       {
        "type": "null"
       }
      ]
     },
     "explicit": {
      "description": "What its user wrote of environment and folder; the rest came along with the caller.",
      "type": [
       "object",
       "null"
      ],
      "properties": {
       "variables": {
        "type": [
         "array",
         "null"
        ],
        "items": {
         "type": "string",
         "maxLength": 131071
        },
        "maxItems": 16384
       },
       "folder": {
        "type": [
         "boolean",
         "null"
        ]
       },
       "clean": {
        "type": [
         "boolean",
         "null"
        ]
       }
      }
     },
     "readiness": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/readiness"
       },
       {
        "type": "null"
       }
      ]
     },
     "stop": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/stopPolicy"
       },
       {
        "type": "null"
       }
      ]
     },
     "restart": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/restartPolicy"
       },
       {
        "type": "null"
       }
      ]
     },
     "health": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/healthPolicy"
       },
       {
        "type": "null"
       }
      ]
     },
     "watchdog_s": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/seconds"
       },
       {
        "type": "null"
       }
      ]
     },
     "success_codes": {
      "anyOf": [
       {
        "type": "array",
        "items": {
         "type": "integer",
         "minimum": 0,
         "maximum": 255
        },
        "maxItems": 500
       },
       {
        "type": "null"
       }
      ]
     },
     "after": {
      "anyOf": [
       {
        "description": "Services of the same run that it waits for if they are starting.",
        "type": "array",
        "items": {
         "$ref": "#/components/schemas/serviceId"
        },
        "maxItems": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "requires": {
      "anyOf": [
       {
        "description": "Services of the same run that it depends on.",
        "type": "array",
        "items": {
         "$ref": "#/components/schemas/serviceId"
        },
        "maxItems": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "requires_completed": {
      "anyOf": [
       {
        "description": "Services of the same run that must finish successfully before it starts.",
        "type": "array",
        "items": {
         "$ref": "#/components/schemas/serviceId"
        },
        "maxItems": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "wants": {
      "anyOf": [
       {
        "description": "Services of the same run that are started with it, even if they fail.",
        "type": "array",
        "items": {
         "$ref": "#/components/schemas/serviceId"
        },
        "maxItems": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "log": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/logPolicy"
       },
       {
        "type": "null"
       }
      ]
     },
     "tty": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/terminalPolicy"
       },
       {
        "type": "null"
       }
      ]
     },
     "limits": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/resourceLimits"
       },
       {
        "type": "null"
       }
      ]
     },
     "lifetime": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/lifetimePolicy"
       },
       {
        "type": "null"
       }
      ]
     },
     "on_failure": {
      "anyOf": [
       {
        "description": "A command that is run once for each failure.",
        "$ref": "#/components/schemas/arguments"
       },
       {
        "type": "null"
       }
      ]
     },
     "port": {
      "anyOf": [
       {
        "description": "The port that {port} stands for; 0 to let xpmd choose one.",
        "type": "integer",
        "minimum": 0,
        "maximum": 65535
       },
       {
        "type": "null"
       }
      ]
     },
     "url": {
      "anyOf": [
       {
        "description": "Where it can be opened; may hold {port}.",
        "type": "string",
        "maxLength": 4096
       },
       {
        "type": "null"
       }
      ]
     },
     "caller": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/callerSettings"
       },
       {
        "type": "null"
       }
      ]
     },
     "web": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/webPolicy"
       },
       {
        "type": "null"
       }
      ]
     },
     "idle": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/idlePolicy"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "run"
    ]
   },
   "serviceRecord": {
    "description": "Everything that a list shows of a service; the required keys are always present, the others if they apply.",
    "type": "object",
    "properties": {
     "workspace": {
      "$ref": "#/components/schemas/absolutePath"
     },
     "experiment": {
      "$ref": "#/components/schemas/name"
     },
     "run": {
      "$ref": "#/components/schemas/name"
     },
     "id": {
      "$ref": "#/components/schemas/serviceId"
     },
     "name": {
      "description": "`experiment@run:id`.",
      "type": "string"
     },
     "run_mode": {
      "$ref": "#/components/schemas/runMode"
     },
     "description": {
      "type": "string"
     },
     "class": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "template": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/name"
       },
       {
        "type": "null"
       }
      ]
     },
     "sub_services": {
      "type": "array",
      "items": {
       "$ref": "#/components/schemas/serviceId"
      }
     },
     "state": {
      "$ref": "#/components/schemas/state"
     },
     "wanted": {
      "type": "boolean"
     },
     "since": {
      "$ref": "#/components/schemas/timestamp"
     },
     "attempt": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1
       },
       {
        "type": "null"
       }
      ]
     },
     "pid": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1
       },
       {
        "type": "null"
       }
      ]
     },
     "url": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "error": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "exit": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/exitReport"
       },
       {
        "type": "null"
       }
      ]
     },
     "waiting_for": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "deadline": {
      "$ref": "#/components/schemas/timestamp"
     },
     "status": {
      "anyOf": [
       {
        "description": "The last status that the service reported.",
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "retry": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/retryReport"
       },
       {
        "type": "null"
       }
      ]
     },
     "health": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/healthReport"
       },
       {
        "type": "null"
       }
      ]
     },
     "usage": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/usageReport"
       },
       {
        "type": "null"
       }
      ]
     },
     "notes": {
      "anyOf": [
       {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       {
        "type": "null"
       }
      ]
     },
     "stdout": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/absolutePath"
       },
       {
        "type": "null"
       }
      ]
     },
     "stderr": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/absolutePath"
       },
       {
        "type": "null"
       }
      ]
     },
     "interpreter": {
      "$ref": "#/components/schemas/interpreterReport"
     },
     "hosted": {
      "const": true
     },
     "gone": {
      "const": true
     },
     "revision": {
      "type": "integer",
      "minimum": 0
     },
     "dependents": {
      "type": "array",
      "items": {
       "$ref": "#/components/schemas/serviceId"
      }
     },
     "deleted_logs": {
      "anyOf": [
       {
        "description": "The log files that its removal has deleted.",
        "type": "array",
        "items": {
         "type": "object",
         "properties": {
          "path": {
           "$ref": "#/components/schemas/absolutePath"
          },
          "bytes": {
           "type": "integer",
           "minimum": 0
          }
         },
         "required": [
          "path",
          "bytes"
         ]
        }
       },
       {
        "type": "null"
       }
      ]
     },
     "starts": {
      "anyOf": [
       {
        "description": "How often it was started.",
        "type": "integer",
        "minimum": 1
       },
       {
        "type": "null"
       }
      ]
     },
     "restarts": {
      "anyOf": [
       {
        "description": "Automatic restarts since it was last started on request.",
        "type": "integer",
        "minimum": 1
       },
       {
        "type": "null"
       }
      ]
     },
     "last_failure": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/failureReport"
       },
       {
        "type": "null"
       }
      ]
     },
     "suspended": {
      "anyOf": [
       {
        "description": "Whether its process is stopped by a signal (state T).",
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     },
     "port": {
      "anyOf": [
       {
        "description": "The port that was assigned to it.",
        "type": "integer",
        "minimum": 1,
        "maximum": 65535
       },
       {
        "type": "null"
       }
      ]
     },
     "web": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/webPolicy"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "attempt",
     "class",
     "description",
     "error",
     "exit",
     "experiment",
     "id",
     "name",
     "pid",
     "run",
     "run_mode",
     "since",
     "state",
     "stderr",
     "stdout",
     "sub_services",
     "template",
     "url",
     "waiting_for",
     "wanted",
     "workspace"
    ]
   },
   "experimentRecord": {
    "description": "One run of an experiment; all keys are always present.",
    "type": "object",
    "properties": {
     "workspace": {
      "$ref": "#/components/schemas/absolutePath"
     },
     "experiment": {
      "$ref": "#/components/schemas/name"
     },
     "run": {
      "$ref": "#/components/schemas/name"
     },
     "run_mode": {
      "$ref": "#/components/schemas/runMode"
     },
     "status": {
      "enum": [
       "open",
       "done",
       "failed"
      ]
     },
     "opened_at": {
      "$ref": "#/components/schemas/timestamp"
     },
     "closed_at": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/timestamp"
       },
       {
        "type": "null"
       }
      ]
     },
     "services": {
      "type": "integer",
      "minimum": 0
     },
     "watched": {
      "const": true
     },
     "gone": {
      "const": true
     }
    },
    "required": [
     "closed_at",
     "experiment",
     "opened_at",
     "run",
     "run_mode",
     "services",
     "status",
     "workspace"
    ]
   },
   "workspaceRecord": {
    "description": "A watched workspace.",
    "type": "object",
    "properties": {
     "workspace": {
      "$ref": "#/components/schemas/absolutePath"
     },
     "state": {
      "enum": [
       "scanning",
       "watching",
       "polling",
       "missing"
      ]
     },
     "watched_since": {
      "$ref": "#/components/schemas/timestamp"
     },
     "runs": {
      "type": "integer",
      "minimum": 0
     },
     "services": {
      "type": "integer",
      "minimum": 0
     },
     "error": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "runs",
     "services",
     "state",
     "watched_since",
     "workspace"
    ]
   },
   "hostedAttempt": {
    "description": "Which attempt of which hosted service is meant.",
    "type": "object",
    "properties": {
     "workspace": {
      "$ref": "#/components/schemas/absolutePath"
     },
     "experiment": {
      "$ref": "#/components/schemas/name"
     },
     "run": {
      "$ref": "#/components/schemas/name"
     },
     "id": {
      "$ref": "#/components/schemas/serviceId"
     },
     "attempt": {
      "type": "integer",
      "minimum": 1
     },
     "force": {
      "anyOf": [
       {
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "attempt",
     "experiment",
     "id",
     "run",
     "workspace"
    ]
   },
   "templateRecord": {
    "type": "object",
    "properties": {
     "name": {
      "$ref": "#/components/schemas/name"
     },
     "description": {
      "type": "string"
     },
     "path": {
      "$ref": "#/components/schemas/absolutePath"
     },
     "parameters": {
      "type": "array",
      "items": {
       "$ref": "#/components/schemas/templateParameter"
      }
     },
     "fault": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "description",
     "name",
     "parameters",
     "path"
    ]
   },
   "templateParameter": {
    "type": "object",
    "properties": {
     "name": {
      "$ref": "#/components/schemas/name"
     },
     "kind": {
      "enum": [
       "string",
       "path",
       "integer",
       "boolean"
      ]
     },
     "description": {
      "type": "string"
     },
     "required": {
      "type": "boolean"
     },
     "default": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/parameterValue"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "description",
     "kind",
     "name",
     "required"
    ]
   },
   "versionRange": {
    "type": "object",
    "properties": {
     "min": {
      "type": "integer"
     },
     "max": {
      "type": "integer"
     }
    },
    "required": [
     "max",
     "min"
    ]
   },
   "stray": {
    "description": "The number of a stray, that of the attempt that it once was.",
    "type": "integer",
    "minimum": 0
   },
   "strayRecord": {
    "description": "A process of the keeper that belongs to no known service.",
    "type": "object",
    "properties": {
     "stray": {
      "$ref": "#/components/schemas/stray"
     },
     "pid": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 1
       },
       {
        "type": "null"
       }
      ]
     },
     "processes": {
      "anyOf": [
       {
        "type": "array",
        "items": {
         "type": "integer",
         "minimum": 1
        }
       },
       {
        "type": "null"
       }
      ]
     },
     "since": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/timestamp"
       },
       {
        "type": "null"
       }
      ]
     },
     "command": {
      "anyOf": [
       {
        "type": "array",
        "items": {
         "type": "string"
        }
       },
       {
        "type": "null"
       }
      ]
     },
     "folder": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "stdout": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "stderr": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "workspace": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "experiment": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "run": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "id": {
      "anyOf": [
       {
        "type": "string"
       },
       {
        "type": "null"
       }
      ]
     },
     "ignored": {
      "anyOf": [
       {
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     },
     "cause": {
      "type": "string"
     },
     "stopping": {
      "anyOf": [
       {
        "type": "boolean"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "stray"
    ]
   },
   "failureReport": {
    "description": "Its last failure.",
    "type": "object",
    "properties": {
     "at": {
      "$ref": "#/components/schemas/timestamp"
     },
     "error": {
      "type": "string"
     },
     "exit": {
      "anyOf": [
       {
        "$ref": "#/components/schemas/exitReport"
       },
       {
        "type": "null"
       }
      ]
     }
    },
    "required": [
     "at",
     "error"
    ]
   },
   "callerSettings": {
    "description": "What a service inherits from the process that added it.",
    "type": "object",
    "properties": {
     "umask": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": 0,
        "maximum": 511
       },
       {
        "type": "null"
       }
      ]
     },
     "nice": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": -20,
        "maximum": 19
       },
       {
        "type": "null"
       }
      ]
     },
     "cpus": {
      "anyOf": [
       {
        "type": "string",
        "maxLength": 1024
       },
       {
        "type": "null"
       }
      ]
     },
     "oom_score": {
      "anyOf": [
       {
        "type": "integer",
        "minimum": -1000,
        "maximum": 1000
       },
       {
        "type": "null"
       }
      ]
     },
     "rlimits": {
      "anyOf": [
       {
        "type": "object",
        "additionalProperties": {
         "type": "array",
         "items": {
          "type": "integer",
          "minimum": -1
         },
         "minItems": 2,
         "maxItems": 2
        }
       },
       {
        "type": "null"
       }
      ]
     }
    }
   },
   "event": {
    "title": "event",
    "description": "One entry of the event log, the `params` of an `event` notification.",
    "type": "object",
    "required": [
     "kind"
    ],
    "oneOf": [
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "experiment.opened"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "workspace": {
        "$ref": "#/components/schemas/absolutePath"
       },
       "experiment": {
        "$ref": "#/components/schemas/name"
       },
       "run": {
        "$ref": "#/components/schemas/name"
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "experiment",
       "kind",
       "run",
       "seq",
       "workspace"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "experiment.closed"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "workspace": {
        "$ref": "#/components/schemas/absolutePath"
       },
       "experiment": {
        "$ref": "#/components/schemas/name"
       },
       "run": {
        "$ref": "#/components/schemas/name"
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "experiment",
       "kind",
       "run",
       "seq",
       "workspace"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "experiment.gone"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "workspace": {
        "$ref": "#/components/schemas/absolutePath"
       },
       "experiment": {
        "$ref": "#/components/schemas/name"
       },
       "run": {
        "$ref": "#/components/schemas/name"
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "experiment",
       "kind",
       "run",
       "seq",
       "workspace"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "service.added"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "workspace": {
        "$ref": "#/components/schemas/absolutePath"
       },
       "experiment": {
        "$ref": "#/components/schemas/name"
       },
       "run": {
        "$ref": "#/components/schemas/name"
       },
       "id": {
        "$ref": "#/components/schemas/serviceId"
       },
       "state": {
        "$ref": "#/components/schemas/state"
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "experiment",
       "id",
       "kind",
       "run",
       "seq",
       "state",
       "workspace"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "service.changed"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "workspace": {
        "$ref": "#/components/schemas/absolutePath"
       },
       "experiment": {
        "$ref": "#/components/schemas/name"
       },
       "run": {
        "$ref": "#/components/schemas/name"
       },
       "id": {
        "$ref": "#/components/schemas/serviceId"
       },
       "previous": {
        "$ref": "#/components/schemas/state"
       },
       "state": {
        "$ref": "#/components/schemas/state"
       },
       "cause": {
        "type": "string"
       },
       "attempt": {
        "anyOf": [
         {
          "type": "integer",
          "minimum": 1
         },
         {
          "type": "null"
         }
        ]
       },
       "pid": {
        "anyOf": [
         {
          "type": "integer",
          "minimum": 1
         },
         {
          "type": "null"
         }
        ]
       },
       "url": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       },
       "error": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       },
       "exit": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/exitReport"
         },
         {
          "type": "null"
         }
        ]
       },
       "retry": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/retryReport"
         },
         {
          "type": "null"
         }
        ]
       },
       "health": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/healthReport"
         },
         {
          "type": "null"
         }
        ]
       },
       "usage": {
        "anyOf": [
         {
          "$ref": "#/components/schemas/usageReport"
         },
         {
          "type": "null"
         }
        ]
       },
       "revision": {
        "type": "integer",
        "minimum": 0
       }
      },
      "required": [
       "at",
       "cause",
       "experiment",
       "id",
       "kind",
       "previous",
       "run",
       "seq",
       "state",
       "workspace"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "service.removed"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "workspace": {
        "$ref": "#/components/schemas/absolutePath"
       },
       "experiment": {
        "$ref": "#/components/schemas/name"
       },
       "run": {
        "$ref": "#/components/schemas/name"
       },
       "id": {
        "$ref": "#/components/schemas/serviceId"
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "experiment",
       "id",
       "kind",
       "run",
       "seq",
       "workspace"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "workspace.watched"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "workspace": {
        "$ref": "#/components/schemas/absolutePath"
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "kind",
       "seq",
       "workspace"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "workspace.unwatched"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "workspace": {
        "$ref": "#/components/schemas/absolutePath"
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "kind",
       "seq",
       "workspace"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "daemon.started"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "pid": {
        "type": "integer",
        "minimum": 1
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "kind",
       "pid",
       "seq"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "daemon.stopped"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "pid": {
        "anyOf": [
         {
          "type": "integer",
          "minimum": 1
         },
         {
          "type": "null"
         }
        ]
       },
       "cause": {
        "anyOf": [
         {
          "type": "string"
         },
         {
          "type": "null"
         }
        ]
       }
      },
      "required": [
       "at",
       "kind",
       "seq"
      ]
     },
     {
      "type": "object",
      "properties": {
       "kind": {
        "const": "gap"
       },
       "seq": {
        "$ref": "#/components/schemas/sequence"
       },
       "at": {
        "$ref": "#/components/schemas/timestamp"
       },
       "from": {
        "$ref": "#/components/schemas/sequence"
       },
       "to": {
        "$ref": "#/components/schemas/sequence"
       }
      },
      "required": [
       "at",
       "from",
       "kind",
       "seq",
       "to"
      ]
     }
    ]
   },
   "refusal": {
    "type": "object",
    "required": [
     "error"
    ],
    "properties": {
     "error": {
      "type": "object",
      "required": [
       "code",
       "data",
       "message"
      ],
      "properties": {
       "code": {
        "type": "string",
        "description": "The name of the error, by which programs decide."
       },
       "message": {
        "type": "string",
        "description": "A sentence for people."
       },
       "data": {
        "type": "object",
        "description": "Details."
       }
      }
     }
    }
   }
  }
 }
}
"""#
}
